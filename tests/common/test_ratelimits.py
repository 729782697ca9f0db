"""Too much in a short while: a page that says so and when to come back, for that person and that act only."""

import pytest

from common.ratelimits import allow_request
from consent.notices import sync_default_notices
from posts.models import Post


@pytest.fixture(autouse=True)
def still_clock(monkeypatch) -> list[float]:
    """A clock that stands in the middle of a window until a test moves it."""
    now = [1_800_000_000.0 + 100]
    monkeypatch.setattr("common.ratelimits.time.time", lambda: now[0])
    return now


def use(who: str = "1", name: str = "act") -> bool:
    return allow_request(name, who, limit=3, seconds=300)


def test_the_limit_is_per_act_and_person_and_ends(still_clock):
    assert [use() for _ in range(5)] == [True, True, True, False, False]
    assert use(who="2")
    assert use(name="other")
    still_clock[0] += 300
    assert use()


def limit_at(monkeypatch, most: int) -> None:
    monkeypatch.setattr(
        "common.ratelimits.allow_request",
        lambda name, who, limit, seconds: allow_request(name, who, limit=most, seconds=seconds),
    )


ACTS = {
    "/compose": {"text": "Bread"},
    "/posts/{post}/like": {},
    "/@bob/follow": {},
    "/settings/training/pretraining": {"decision": "withdrawn", "notice": "pretraining/1/en"},
    "/settings/tokens": {"name": "laptop", "scopes": ["datasets:read"]},
}


@pytest.mark.parametrize("path", ACTS)
def test_too_many_are_refused_with_the_time_to_come_back(client, alice, bob, monkeypatch, path):
    mine = Post.objects.create(author=bob, text="Bread", html="<p>Bread</p>")
    sync_default_notices()
    limit_at(monkeypatch, 2)
    client.force_login(alice)
    answers = [client.post(path.format(post=mine.pk), ACTS[path]) for _ in range(3)]
    assert [answer.status_code in (200, 302) for answer in answers] == [True, True, False]
    refused = answers[-1]
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 24 * 3600
    assert "Slow down" in refused.content.decode()
    assert client.get("/public").status_code == 200
    client.force_login(bob)
    assert client.post(path.format(post=mine.pk), ACTS[path]).status_code in (200, 302)


def test_the_time_to_come_back_is_the_end_of_the_window(client, alice, monkeypatch, still_clock):
    limit_at(monkeypatch, 0)
    client.force_login(alice)
    still_clock[0] = 1_800_000_000.0 - 1_800_000_000 % 10_800 + 10_800 - 17
    assert client.post("/compose", {"text": "Bread"})["Retry-After"] == "17"


def test_looking_is_not_counted(client, alice, monkeypatch):
    limit_at(monkeypatch, 0)
    client.force_login(alice)
    assert [client.get("/compose").status_code for _ in range(3)] == [200] * 3
    assert client.post("/compose", {"text": "Bread"}).status_code == 429
    assert not Post.objects.exists()
