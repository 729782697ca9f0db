"""Failed log-ins: who guesses is stopped, and only who guesses, with Redis and without."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD, person

NOBODY_LOGGED_IN, LOGGED_IN, STOPPED = "wrong", "in", "stopped"


@pytest.fixture(autouse=True)
def one_proxy(settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1


@pytest.fixture(autouse=True)
def still_clock(monkeypatch) -> None:
    monkeypatch.setattr("common.ratelimits.time.time", lambda: 1_800_000_000.0 + 100)


def log_in(name: str, password: str, address: str) -> str:
    form = {"login": name, "password": password}
    response = Client().post("/accounts/login/", form, headers={"X-Forwarded-For": address})
    if response.status_code == 302:
        return LOGGED_IN
    return STOPPED if "Too many failed attempts" in response.content.decode() else NOBODY_LOGGED_IN


def guess(name: str, times: int, address: str) -> list[str]:
    return [log_in(name, f"wrong {number}", address) for number in range(times)]


@pytest.mark.parametrize("is_staff", [False, True])
def test_failed_log_ins_elsewhere_lock_nobody_out(alice, is_staff):
    User.objects.filter(pk=alice.pk).update(is_staff=is_staff, is_superuser=is_staff)
    assert guess("alice", 7, "5.5.5.5") == [NOBODY_LOGGED_IN] * 5 + [STOPPED] * 2
    assert log_in("alice", PASSWORD, "5.5.5.5") == STOPPED
    assert log_in("alice", PASSWORD, "9.9.9.9") == LOGGED_IN


def test_the_limit_says_when_to_try_again(alice):
    guess("alice", 5, "5.5.5.5")
    form = {"login": "alice", "password": PASSWORD}
    response = Client().post("/accounts/login/", form, headers={"X-Forwarded-For": "5.5.5.5"})
    assert (
        "Too many failed attempts to log in. Try again in 4 minutes." in response.content.decode()
    )


def test_one_address_cannot_try_one_password_on_everybody(db):
    answers = [log_in(f"person{number}", "hunter22", "5.5.5.5") for number in range(23)]
    assert answers == [NOBODY_LOGGED_IN] * 20 + [STOPPED] * 3
    assert log_in("person1", "hunter22", "6.6.6.6") == NOBODY_LOGGED_IN


def test_a_network_of_ipv6_counts_as_one_address(alice):
    hosts = [log_in("alice", "wrong", f"2001:db8:1:2::{host:x}") for host in range(1, 8)]
    assert hosts == [NOBODY_LOGGED_IN] * 5 + [STOPPED] * 2
    assert log_in("alice", PASSWORD, "2001:db8:1:3::1") == LOGGED_IN


def test_right_passwords_are_not_counted_and_end_no_limit(alice):
    assert [log_in("alice", PASSWORD, "5.5.5.5") for _ in range(8)] == [LOGGED_IN] * 8
    guess("alice", 4, "5.5.5.5")
    assert log_in("alice", PASSWORD, "5.5.5.5") == LOGGED_IN
    assert guess("alice", 2, "5.5.5.5") == [NOBODY_LOGGED_IN, STOPPED]


@pytest.mark.usefixtures("no_redis")
def test_without_redis_most_guesses_are_refused(alice):
    answers = guess("alice", 30, "5.5.5.5")
    assert answers.count(NOBODY_LOGGED_IN) == 5
    assert log_in("alice", PASSWORD, "9.9.9.9") == LOGGED_IN


@pytest.mark.usefixtures("no_redis")
@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/password/reset/"])
def test_without_redis_other_forms_without_log_in_are_limited(db, path):
    answers = [
        Client().post(path, {"email": f"somebody{number}@example.org"}) for number in range(25)
    ]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 5
    assert 0 < int(refused[0]["Retry-After"]) <= 60


def test_the_admin_has_no_second_way_in(db):
    person("root", is_staff=True, is_superuser=True)
    response = Client().post("/admin/login/", {"username": "root", "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
    assert Client().get(response["Location"]).status_code == 200
