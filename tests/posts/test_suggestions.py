"""Names and tags that complete themselves: only of those who are there to be found."""

import pytest
from django.utils import timezone

from accounts.models import Block, User
from accounts.services import follow
from posts.views.autocomplete import LIMIT
from tests.factories import person, post


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def found(client, what: str, begun: str) -> list[str]:
    response = client.get(f"/suggest/{what}", {"q": begun})
    assert response.status_code == 200
    return [row["value"] for row in response.json()["found"]]


def test_people_whose_names_begin_so_the_followed_first(writer, alice):
    for name in ("bernadette", "bert", "berta", "other"):
        person(name)
    follow(follower=alice, followed=User.objects.get(username="bernadette"))
    assert found(writer, "people", "BER") == ["bernadette", "bert", "berta"]
    assert found(writer, "people", "") == []
    assert found(writer, "people", "nobody") == []


@pytest.mark.parametrize("begun", ["%", "_", "\\", "a%", "'", "\x00", "@", "é" * 500])
def test_signs_of_patterns_are_only_signs(writer, begun):
    assert found(writer, "people", begun) == []
    assert found(writer, "tags", begun) == []


def test_nobody_who_is_blocked_gone_or_does_not_want_to_be_found(writer, alice):
    names = (
        "ben_blocked",
        "ben_blocking",
        "ben_suspended",
        "ben_closed",
        "ben_hidden",
        "ben_hidden_friend",
        "ben",
    )
    people = {name: person(name) for name in names}
    Block.objects.create(blocker=alice, blocked=people["ben_blocked"])
    Block.objects.create(blocker=people["ben_blocking"], blocked=alice)
    User.objects.filter(username="ben_suspended").update(suspended_at=timezone.now())
    User.objects.filter(username="ben_closed").update(is_active=False)
    User.objects.filter(username__startswith="ben_hidden").update(is_discoverable=False)
    follow(follower=alice, followed=people["ben_hidden_friend"])
    assert found(writer, "people", "ben") == ["ben_hidden_friend", "ben"]


def test_tags_of_public_posts_only(writer, alice, bob):
    post(bob, "#Garden #gardening #ガーデン")
    post(bob, "#garden_secret", visibility="followers")
    post(bob, "@alice #garden_direct", visibility="direct")
    assert found(writer, "tags", "gar") == ["Garden", "gardening"]
    assert found(writer, "tags", "ＧＡＲ") == ["Garden", "gardening"]
    assert found(writer, "tags", "ガー") == ["ガーデン"]


def test_somebody_who_asks_all_the_time_is_told_to_wait(writer, monkeypatch):
    monkeypatch.setattr("posts.views.autocomplete.LIMIT", 3)
    assert LIMIT > 3
    statuses = [writer.get("/suggest/people?q=a").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_visitors_are_not_answered(client, bob):
    assert client.get("/suggest/people?q=b").status_code == 401
