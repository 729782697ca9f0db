"""Words that somebody does not want to meet: hidden or folded, in any writing, for a time, and pages stay full."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ListMember, PeopleList, User
from accounts.services import follow
from posts.models import Post
from posts.services import publish_post, repost
from posts.services.publishing import Draft
from tests.factories import person, post
from timeline.filters.services import MOST_FILTERS, keep_filter
from timeline.models import KeywordFilter

HIDE, WARN = KeywordFilter.Action.HIDE, KeywordFilter.Action.WARN


def filtered(user: User, phrase: str, *, whole: bool = True, action: str = HIDE, until=None) -> KeywordFilter:
    return keep_filter(user=user, phrase=phrase, is_whole_word=whole, action=action, until=until)


@pytest.fixture
def reader(client, alice, bob) -> User:
    client.force_login(alice)
    follow(follower=alice, followed=bob)
    return alice


def at_home(client, address: str = "/") -> list[Post]:
    return client.get(address).context["page"].items


@pytest.mark.parametrize(
    ("phrase", "whole", "text", "is_hidden"),
    [
        ("rain", True, "Rain again", True),
        ("rain", True, "The train is late", False),
        ("rain", False, "The train is late", True),
        ("rain", True, "rain, rain!", True),
        ("rain", True, "#rain", True),
        ("rain", True, "snake_rain", False),
        ("ÄRGER", True, "Nur ärger heute", True),
        ("new  film", True, "The new\nfilm is out", True),
        ("c++", True, "I write C++ all day", True),
        ("c++", True, "I write C", False),
        ("(.*)", True, "Anything at all", False),
        ("(.*)", True, "A pattern: (.*)", True),
        ("\\d", False, "There are 5", False),
        ("映画", False, "新しい映画が出た", True),
        ("🎬", True, "🎬 tonight", True),
        ("50%", True, "Only 50% left", True),
    ],
)
def test_what_a_phrase_matches(client, reader, bob, phrase, whole, text, is_hidden):
    post(bob, text)
    filtered(reader, phrase, whole=whole)
    assert (at_home(client) == []) == is_hidden


def test_it_holds_at_home_in_public_under_tags_and_in_lists_but_not_on_pages_that_one_opens(client, reader, bob):
    people = PeopleList.objects.create(owner=reader, title="Bakers")
    ListMember.objects.create(list=people, member=bob)
    hidden = post(bob, "A spoiler about #bread")
    places = ["/", "/public", "/tags/bread", f"/lists/{people.pk}"]
    assert all(len(at_home(client, place)) == 1 for place in places)
    kept = filtered(reader, "spoiler")
    assert not any(at_home(client, place) for place in places)
    assert len(at_home(client, "/@bob")) == 1
    assert client.get(hidden.get_absolute_url()).status_code == 200
    client.post(f"/settings/filters/{kept.pk}/remove")
    assert all(len(at_home(client, place)) == 1 for place in places)


def test_it_looks_into_warnings_and_reposts_and_spares_ones_own(client, reader, bob):
    publish_post(author=bob, draft=Draft("Words", warning="A spoiler"))
    repost(user=bob, post=post(person(), "A spoiler by a stranger"))
    mine = post(reader, "My own spoiler")
    filtered(reader, "spoiler")
    assert [one.pk for one in at_home(client)] == [mine.pk]


def test_pages_are_full(client, reader, bob):
    for number in range(60):
        post(bob, f"A spoiler {number}" if number % 3 else f"Bread {number}")
    filtered(reader, "spoiler")
    assert len(at_home(client)) == 20


def test_a_post_is_folded_and_says_by_which_filter(client, reader, bob):
    post(bob, "A spoiler about a film")
    repost(user=bob, post=post(person(), "Another spoiler"))
    filtered(reader, "spoiler", action=WARN)
    assert [one.warned_by for one in at_home(client)] == ["spoiler", "spoiler"]
    assert client.get("/").content.decode().count("Your filter: spoiler") == 2
    assert "Your filter: spoiler" in client.get("/public").content.decode()


def test_it_ends_by_itself(client, reader, bob):
    post(bob, "A spoiler")
    filtered(reader, "spoiler", until=timezone.now() + timedelta(days=1))
    assert at_home(client) == []
    KeywordFilter.objects.update(until=timezone.now())
    assert len(at_home(client)) == 1


def test_the_page(client, reader):
    page = client.post("/settings/filters", {"phrase": " new   film ", "action": "hide", "hours": "24"}, follow=True)
    kept = KeywordFilter.objects.get()
    assert (kept.phrase, kept.is_whole_word, kept.until is not None) == ("new film", False, True)
    assert "new film" in page.content.decode()
    again = {"phrase": "new film", "action": "warn", "hours": "0", "is_whole_word": "on"}
    assert client.post("/settings/filters", again).status_code == 302
    kept.refresh_from_db()
    assert (kept.action, kept.is_whole_word, kept.until) == ("warn", True, None)
    for wrong in ({"phrase": "   "}, {"phrase": "x" * 101}, {"phrase": "x", "action": "burn"}, {"hours": "7"}):
        assert client.post("/settings/filters", {**again, "phrase": "other", **wrong}).status_code == 422
    assert KeywordFilter.objects.count() == 1


def test_there_are_not_endlessly_many(client, reader):
    for number in range(MOST_FILTERS):
        filtered(reader, f"word {number}")
    response = client.post("/settings/filters", {"phrase": "one more", "action": "hide", "hours": "0"})
    assert response.status_code == 422
    assert "Remove one first" in response.content.decode()
