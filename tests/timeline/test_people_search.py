"""People and tags, by how they begin."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Block, User
from accounts.services import follow
from tests.factories import person, post
from timeline.search.hashtags import find_tags
from timeline.search.people import find_people
from timeline.trends.daily_usage import count_tag_days

NOBODY = AnonymousUser()


def names(words: str, viewer=NOBODY) -> list[str]:
    return [found.username for found in find_people(words, viewer).order_by("place")]


def tags(words: str) -> list[str]:
    return [tag.name for tag in find_tags(words, timezone.now().date()).order_by("-place")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("anaïs", ["anais_b"]),
        ("ANA", ["anais_b"]),
        ("@anais_b", ["anais_b"]),
        ("duarte", ["ines"]),
        ("ines dua", ["ines"]),
        ("ines nobody", []),
        ("boats", ["ines"]),
        ("森", ["hana"]),
        ("森花", ["hana"]),
        ("'", []),
        ("", []),
    ],
)
def test_by_name_handle_and_words_of_the_profile(db, words, expected):
    person("anais_b", display_name="Anaïs Berger")
    person("ines", display_name="Inês Duarte", bio="Tides, small boats")
    person("hana", display_name="森花")
    assert names(words) == expected


def test_the_nearest_first(alice, bob):
    widely, friend, followed, stranger = (
        person(f"kim_{name}", display_name="Kim")
        for name in ("widely", "friend", "followed", "stranger")
    )
    exact = person("kim")
    User.objects.filter(pk=widely.pk).update(skips_fan_out=True)
    follow(follower=alice, followed=followed)
    follow(follower=alice, followed=bob)
    follow(follower=bob, followed=friend)
    assert names("kim", alice) == [
        exact.username,
        followed.username,
        friend.username,
        widely.username,
        stranger.username,
    ]
    assert names("kim")[:2] == ["kim", "kim_widely"]


def test_who_is_not_found(alice, bob):
    hidden, suspended, closed, blocked, blocker = (
        person(f"kim_{name}") for name in ("hidden", "suspended", "closed", "blocked", "blocker")
    )
    User.objects.filter(pk=hidden.pk).update(is_discoverable=False)
    User.objects.filter(pk=suspended.pk).update(suspended_at=timezone.now())
    User.objects.filter(pk=closed.pk).update(is_active=False)
    Block.objects.create(blocker=alice, blocked=blocked)
    Block.objects.create(blocker=blocker, blocked=alice)
    assert names("kim", alice) == []
    assert names("kim", hidden) == ["kim_hidden", "kim_blocked", "kim_blocker"]
    assert names("kim") == ["kim_blocked", "kim_blocker"]


def test_people_pages(client, alice):
    for number in range(25):
        person(f"kim_{number}")
    first = client.get("/search?q=kim&tab=people")
    second = client.get(first.context["page"].next_url)
    got = [found.username for page in (first, second) for found in page.context["page"].items]
    assert (len(first.context["page"].items), len(got), len(set(got))) == (20, 25, 25)


def test_tags(alice, bob):
    post(alice, "#Bread #breakfast #Bäckerei #secret_bread")
    post(bob, "#breakfast")
    post(alice, "#breath", visibility="followers")
    User.objects.filter(pk=bob.pk).update(is_discoverable=True)
    count_tag_days(timezone.now().date())
    assert tags("brea") == ["breakfast", "bread"]
    assert tags("#BREA") == []
    assert tags("backer") == ["bäckerei"]
    assert tags("breat") == []
    assert tags("%") == tags("_") == tags("\\") == []
    assert tags("") == []


def test_tags_of_people_who_do_not_let_be_found(alice):
    post(alice, "#bread")
    User.objects.filter(pk=alice.pk).update(is_discoverable=False)
    assert tags("bread") == []


def test_the_tabs(client, alice):
    post(alice, "#breadmaking")
    response = client.get("/search?q=%23bread&tab=tags")
    assert 'href="/tags/breadmaking"' in response.content.decode()
    assert "No such tag yet" in client.get("/search?q=zzz&tab=tags").content.decode()
    assert "No people found" in client.get("/search?q=zzz&tab=people").content.decode()
    assert client.get("/search?q=x&tab=nonsense").context["tab"] == "posts"


def test_whether_one_is_found_is_ones_own_choice(client, alice):
    client.force_login(alice)
    page = client.get("/settings/profile").content.decode()
    assert "Show my public posts and profile" in page
    client.post("/settings/profile", {"display_name": "Alice"})
    alice.refresh_from_db()
    assert not alice.is_discoverable
    client.post("/settings/profile", {"display_name": "Alice", "is_discoverable": "on"})
    alice.refresh_from_db()
    assert alice.is_discoverable
