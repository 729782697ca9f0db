"""Whatever stands in an address is answered in words: no list, page or interface breaks on it."""

import uuid

import pytest
from django.test import Client

from accounts.models import PeopleList
from tests.factories import person, post

HUGE = "9" * 5000
VALUES = [
    "",
    "0",
    "-1",
    "x",
    "²",
    "1e9",
    str(2**63 - 1),
    str(2**63),
    HUGE,
    "1\x002",
    "%ff%fe",
    "a" * 9000,
    "[",
    "1-1-1",
]
NAMES = [
    *("max_id", "min_id", "since_id", "limit", "until", "cursor", "q", "tab", "sort", "kinds", "from", "url"),
    *("maxwidth", "reply_to", "quote_of", "draft", "pinned", "only_media"),
]
PAGES = [
    *("/", "/public", "/@alice", "/@alice/replies", "/@alice/media", "/@alice/followers", "/@alice/following"),
    *("/@alice/{post}", "/@alice/{post}/likes", "/@alice/{post}/reposts", "/@alice/{post}/quotes"),
    *("/posts/{post}/history", "/@alice/{post}/embed", "/oembed", "/@alice.atom", "/tags/bread.rss", "/tags/bread"),
    *("/search", "/explore", "/explore/tags", "/explore/posts", "/explore/links", "/newer", "/compose", "/drafts"),
    *("/bookmarks", "/likes", "/notifications", "/lists", "/lists/{list}", "/lists/{list}/members"),
    *("/settings/filters", "/settings/tags", "/settings/blocks", "/settings/mutes", "/settings/follow-requests"),
    *("/suggest/people", "/suggest/tags", "/sitemap.xml"),
    *("/api/v1/timelines/public", "/api/v1/timelines/tag/bread", "/api/v1/statuses/{post}"),
    *("/api/v1/statuses/{post}/context", "/api/v1/accounts/{alice}/statuses"),
]
PLACES = [
    *("/@{}", "/@alice/{}", "/@alice/{}/likes", "/tags/{}", "/tags/{}.atom", "/posts/{}/history", "/posts/{}/edit"),
    *("/lists/{}", "/pictures/{}", "/media/{}", "/sitemaps/posts-{}.xml", "/sitemaps/people-{}.xml"),
    *("/api/v1/statuses/{}", "/api/v1/statuses/{}/context", "/api/v1/accounts/{}/statuses"),
    *("/api/v1/timelines/tag/{}",),
]
ACTS = [
    *("like", "unlike", "bookmark", "unbookmark", "repost", "unrepost", "vote", "hide", "unhide", "detach", "attach"),
    *("pin", "unpin", "edit", "training", "undo"),
]


@pytest.fixture
def world(alice) -> dict[str, int]:
    mine = post(alice, "Bread rises. #bread")
    post(person(), "I bake, too. #bread", reply_to=mine)
    return {"post": mine.pk, "alice": alice.pk, "list": PeopleList.objects.create(owner=alice, title="Bakers").pk}


@pytest.fixture
def browser(client, alice, monkeypatch) -> Client:
    monkeypatch.setattr("common.ratelimits.is_within_limit", lambda *args, **kwargs: True)
    monkeypatch.setattr("timeline.views_search.is_within_limit", lambda *args, **kwargs: True)
    client.force_login(alice)
    return client


def test_what_is_asked_for(world, browser):
    for page in PAGES:
        for value in VALUES:
            response = browser.get(page.format(**world), dict.fromkeys(NAMES, value))
            assert response.status_code < 500, (page, value[:20])


def test_where_it_is_asked(world, browser):
    for place in PLACES:
        for value in VALUES:
            response = browser.get(place.format(value))
            assert response.status_code < 500, (place, value[:20])


def test_what_is_sent(world, browser):
    """Of each act, on a post that there is and on one that there is not."""
    for act in ACTS:
        for post_id in (world["post"], 2**63):
            for value in ("²", "\x00"):
                names = ("choice", "text", "warning", "language", "training", "purposes", "publish_key")
                response = browser.post(f"/posts/{post_id}/{act}", dict.fromkeys(names, value))
                assert response.status_code < 500, (act, post_id, value[:20])


FIELDS = [
    *("text", "visibility", "reply_policy", "quote_policy", "language", "authorship", "training", "warning", "zone"),
    *("publish_at", "parts_count", "part-1-text", "media", "part-1-media", "poll-option_1", "poll-option_2"),
    *("poll-hours", "poll-is_multiple", "reply_to", "quote_of"),
]


@pytest.mark.parametrize("value", ["²", HUGE, "\x00"], ids=["superscript", "huge", "nul"])
def test_what_is_typed_into_a_composer(browser, value):
    for address in ("/compose", "/drafts/save"):
        for field in FIELDS:
            # Twice, as no form of ours sends it.
            sent = {"text": "Bread", "publish_key": str(uuid.uuid4()), field: [value, value]}
            response = browser.post(address, sent)
            assert response.status_code < 500, (address, field)
    for page in ("/drafts", "/"):
        assert browser.get(page).status_code == 200
