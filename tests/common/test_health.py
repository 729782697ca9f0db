"""What the machines that watch the site are told, and that it goes on without Redis."""

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from kombu.exceptions import OperationalError

from accounts.models import AccessToken, Follow, User
from common import heartbeat
from common.ratelimits import allow_request
from common.tasks import record_heartbeat_task
from config import health
from config.celery import app
from config.queues import QUEUES
from consent.models import ConsentEvent
from consent.notices import current_notice
from dataset_export.builds import executor
from dataset_export.builds.services import start_build
from posts.models import Like, Post
from tests.factories import PASSWORD, grant, post, snapshot
from tests.sessions import confirm_password


def answer(client, path: str) -> tuple[int, dict]:
    response = client.get(path)
    assert response["Content-Type"] == "application/json"
    assert "no-store" in response["Cache-Control"]
    return response.status_code, response.json()


def test_readyz_with_database_and_disk_is_ready(client, db):
    """No worker has been heard of, which is no reason to take a web process away."""
    assert answer(client, "/readyz") == (
        200,
        {"status": "ok", "checks": {"database": True, "disk": True}},
    )


def test_readyz_without_redis_is_ready(client, db, no_redis):
    assert answer(client, "/readyz")[0] == 200


def test_readyz_without_the_database_is_unavailable(client, db, monkeypatch):
    class Gone:
        def cursor(self) -> None:
            raise DatabaseError("the server closed the connection")

    monkeypatch.setattr(health, "connection", Gone())
    checks = {"database": False, "disk": True}
    assert answer(client, "/readyz") == (503, {"status": "unavailable", "checks": checks})


def test_readyz_with_a_full_disk_is_unavailable(client, db, settings):
    settings.MIN_FREE_DISK_BYTES = 1 << 62
    checks = {"database": True, "disk": False}
    assert answer(client, "/readyz") == (503, {"status": "unavailable", "checks": checks})
    settings.MEDIA_STORAGE_URL = "s3://key:secret@elsewhere/bucket"
    assert answer(client, "/readyz")[0] == 200


def test_workers_are_told_queue_by_queue(client):
    record_heartbeat_task("erasure")
    status, body = answer(client, "/healthz/workers")
    assert status == 503
    assert body["checks"] == {"redis": True, **dict.fromkeys(QUEUES, False), "erasure": True}
    for queue in QUEUES:
        record_heartbeat_task(queue)
    assert answer(client, "/healthz/workers")[0] == 200


def test_a_worker_that_has_not_been_heard_of_for_a_minute_is_gone(client):
    for queue in QUEUES:
        record_heartbeat_task(queue)
    server, key = cache._cache.get_client(write=True), cache.make_key(heartbeat.key_of("mail"))
    assert 50 < server.ttl(key) <= 60
    assert answer(client, "/healthz/workers")[0] == 200
    server.delete(key)
    status, body = answer(client, "/healthz/workers")
    assert (status, [name for name, lives in body["checks"].items() if not lives]) == (
        503,
        ["mail"],
    )


def test_workers_without_redis_are_unavailable(client, no_redis):
    checks = {"redis": False, **dict.fromkeys(QUEUES, False)}
    assert answer(client, "/healthz/workers") == (503, {"status": "unavailable", "checks": checks})


def test_alive_whatever_happens(client, no_redis):
    """Without access to the database in this test, a query would fail it."""
    assert answer(client, "/healthz") == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/healthz", "/healthz/workers", "/readyz"])
def test_health_is_only_looked_at(client, db, path):
    assert client.post(path).status_code == 405


def test_everything_that_is_truth_goes_on_without_redis(client, alice, bob, no_redis):
    """Law 10: PostgreSQL is the only truth."""
    kept, notice = post(bob, "Kept"), str(current_notice("pretraining"))
    client.force_login(alice)
    acts = [
        ("/compose", {"text": "Written without Redis"}),
        (f"/compose?reply_to={kept.pk}", {"text": "Answered without Redis"}),
        (f"/posts/{kept.pk}/like", {}),
        ("/@bob/follow", {}),
        (
            "/settings/training/pretraining",
            {"decision": "granted", "adult": "on", "notice": notice},
        ),
        ("/settings/training/pretraining", {"decision": "withdrawn", "notice": notice}),
    ]
    for path, form in acts:
        assert client.post(path, form).status_code == 302, path
    confirm_password(client)
    assert (
        client.post("/settings/tokens", {"name": "laptop", "scopes": ["consent"]}).status_code
        == 200
    )
    for path in (
        "/",
        "/public",
        "/@bob",
        kept.get_absolute_url(),
        "/settings/training",
        "/datasets/",
    ):
        assert client.get(path).status_code == 200, path
    assert Post.objects.count() == 3
    counts = [table.objects.count() for table in (Like, Follow, ConsentEvent, AccessToken)]
    assert counts == [1, 1, 2, 1]


def test_people_can_log_in_and_sign_up_without_redis(client, alice, no_redis):
    assert (
        client.post("/accounts/login/", {"login": "alice", "password": PASSWORD}).status_code == 302
    )
    assert client.post("/accounts/logout/").status_code == 302
    form = {"username": "newcomer", "email": "new@example.org", "password1": PASSWORD}
    assert client.post("/accounts/signup/", form).status_code == 302
    assert User.objects.filter(username="newcomer").exists()


def test_a_build_waits_for_a_broker_that_is_away(
    alice, monkeypatch, django_capture_on_commit_callbacks
):
    post(alice)
    grant(alice)

    def send_task(*args: object, **kwargs: object) -> None:
        raise OperationalError("Connection refused")

    monkeypatch.setattr(app, "send_task", send_task)
    with django_capture_on_commit_callbacks(execute=True):
        made = start_build(snapshot=snapshot())
    assert made.is_building
    assert executor.process_next_task(made.pk)


def test_limits_hold_in_each_process_without_redis(no_redis):
    assert [allow_request("act", "1", limit=2, seconds=60) for _ in range(4)] == [
        True,
        True,
        False,
        False,
    ]
    assert allow_request("act", "2", limit=2, seconds=60)
