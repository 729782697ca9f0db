"""What the log says of requests and of accounts: paths without what was typed, and events with an address."""

import pytest
from django.test import Client
from structlog.testing import capture_logs

from accounts.services import create_token, revoke_token
from common.request_log import PROBES
from tests.factories import PASSWORD

NEW_PASSWORD = "another correct horse"


@pytest.mark.django_db
def test_request_log_has_paths_without_what_was_searched_for(client):
    with capture_logs() as events:
        client.get("/search?q=my+illness")
    requests = [event["request"] for event in events if event["event"].startswith("request_")]
    assert requests == ["GET /search", "GET /search"]
    assert "illness" not in str(events)


@pytest.mark.parametrize("path", PROBES)
def test_probes_leave_no_line(client, db, path):
    with capture_logs() as events:
        client.get(path)
    assert [event for event in events if event["event"].startswith("request_")] == []


def security_events(events: list) -> list[tuple]:
    kinds = ("login", "logout", "password", "token", "email", "account")
    found = [event for event in events if event["event"].partition(".")[0] in kinds]
    return [(event["event"], event["user_id"], event["address"]) for event in found]


def test_logins_are_on_record_with_the_address_and_nothing_typed(alice, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    client = Client(headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    with capture_logs() as events:
        client.post("/accounts/login/", {"login": "alice", "password": "wrongpassword1"})
        client.post("/accounts/login/", {"login": "mysecretpassword", "password": "wrongpassword1"})
        client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
        client.post("/accounts/logout/")
    assert security_events(events) == [
        ("login.failed", alice.pk, "203.0.113.9"),
        ("login.failed", None, "203.0.113.9"),
        ("login.succeeded", alice.pk, "203.0.113.9"),
        ("logout", alice.pk, "203.0.113.9"),
    ]
    assert "mysecretpassword" not in str(events)
    assert "wrongpassword1" not in str(events)


def test_new_passwords_and_tokens_are_on_record(alice, client):
    client.force_login(alice)
    with capture_logs() as events:
        form = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
        client.post("/accounts/password/change/", form)
        create_token(user=alice, name="laptop")
        token = alice.access_tokens.get()
        revoke_token(token=token)
        revoke_token(token=token)
    assert [event for event, user, _ in security_events(events) if user == alice.pk] == [
        "password.changed",
        "token.created",
        "token.revoked",
    ]
