"""Whatever stands in an address is answered in words: no list, page or interface breaks on it."""

import re
import uuid
from collections import Counter

import pytest
from django.test import Client

from accounts.models import UserList
from tests.addresses import all_patterns
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
    *(
        "max_id",
        "min_id",
        "since_id",
        "limit",
        "until",
        "cursor",
        "q",
        "tab",
        "sort",
        "kinds",
        "from",
        "url",
    ),
    *("maxwidth", "reply_to", "quote_of", "draft", "pinned", "only_media"),
]
PAGES = [
    *(
        "/",
        "/public",
        "/@alice",
        "/@alice/replies",
        "/@alice/media",
        "/@alice/followers",
        "/@alice/following",
    ),
    *("/@alice/{post}", "/@alice/{post}/likes", "/@alice/{post}/reposts", "/@alice/{post}/quotes"),
    *(
        "/posts/{post}/history",
        "/@alice/{post}/embed",
        "/oembed",
        "/@alice.atom",
        "/tags/bread.rss",
        "/tags/bread",
    ),
    *(
        "/search",
        "/explore",
        "/explore/tags",
        "/explore/posts",
        "/explore/links",
        "/newer",
        "/compose",
        "/drafts",
    ),
    *("/bookmarks", "/likes", "/notifications", "/lists", "/lists/{list}", "/lists/{list}/members"),
    *(
        "/settings/filters",
        "/settings/tags",
        "/settings/blocks",
        "/settings/mutes",
        "/settings/follow-requests",
    ),
    *("/suggest/people", "/suggest/tags", "/sitemap.xml"),
    *("/api/v1/timelines/public", "/api/v1/timelines/tag/bread", "/api/v1/statuses/{post}"),
    *("/api/v1/statuses/{post}/context", "/api/v1/accounts/{alice}/statuses"),
]
PLACES = [
    *(
        "/@{}",
        "/@alice/{}",
        "/@alice/{}/likes",
        "/tags/{}",
        "/tags/{}.atom",
        "/posts/{}/history",
        "/posts/{}/edit",
    ),
    *(
        "/lists/{}",
        "/pictures/{}",
        "/media/{}",
        "/sitemaps/posts-{}.xml",
        "/sitemaps/people-{}.xml",
    ),
    *("/api/v1/statuses/{}", "/api/v1/statuses/{}/context", "/api/v1/accounts/{}/statuses"),
    *("/api/v1/timelines/tag/{}",),
]
ACTS = [
    *(
        "like",
        "unlike",
        "bookmark",
        "unbookmark",
        "repost",
        "unrepost",
        "vote",
        "hide",
        "unhide",
        "detach",
        "attach",
    ),
    *("pin", "unpin", "edit", "training", "undo"),
]


@pytest.fixture
def world(alice) -> dict[str, int]:
    mine = post(alice, "Bread rises. #bread")
    post(person(), "I bake, too. #bread", reply_to=mine)
    return {
        "post": mine.pk,
        "alice": alice.pk,
        "list": UserList.objects.create(owner=alice, title="Bakers").pk,
    }


@pytest.fixture
def browser(client, alice, monkeypatch) -> Client:
    monkeypatch.setattr("common.ratelimits.allow_request", lambda *args, **kwargs: True)
    monkeypatch.setattr("timeline.views.search.allow_request", lambda *args, **kwargs: True)
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
                names = (
                    "choice",
                    "text",
                    "warning",
                    "language",
                    "training",
                    "purposes",
                    "publish_key",
                )
                response = browser.post(f"/posts/{post_id}/{act}", dict.fromkeys(names, value))
                assert response.status_code < 500, (act, post_id, value[:20])


FIELDS = [
    *(
        "text",
        "visibility",
        "reply_policy",
        "quote_policy",
        "language",
        "authorship",
        "training",
        "warning",
        "zone",
    ),
    *(
        "publish_at",
        "parts_count",
        "part-1-text",
        "media",
        "part-1-media",
        "poll-option_1",
        "poll-option_2",
    ),
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


HOSTILE = [
    *(
        "\u2028",
        "\ufffe",
        "²",
        HUGE,
        "'\"><b>",
        "{{ 1 }}",
        "%00",
        "../../x",
        "foo",
        "=1+1",
        "http://[",
        "a\r\nb",
    ),
]
# What forms of ours send, by their names in the templates and in the views.
FORM_NAMES = [
    *(
        "text",
        "title",
        "display_name",
        "bio",
        "phrase",
        "name",
        "scopes",
        "days",
        "reason",
        "revision",
        "url",
        "act",
    ),
    *(
        "purpose",
        "organisation",
        "organisation_url",
        "kind",
        "terms",
        "agrees",
        "decision",
        "covers",
        "notice",
        "adult",
    ),
    *(
        "choice",
        "tag",
        "ids",
        "lists",
        "replies",
        "hours",
        "languages",
        "places",
        "action",
        "_selected_action",
        "to",
    ),
    *(
        "login",
        "email",
        "username",
        "password1",
        "next",
        "lang",
        "seed",
        "words",
        "state",
        "post",
        "picture",
        "words",
    ),
]


def test_what_is_posted_to_every_address(world, browser, alice):
    """By somebody who may do everything, with a value in all fields and in the query at once."""
    alice.is_staff = alice.is_superuser = True
    alice.save()
    places = {
        **world,
        "username": "alice",
        "name": "bread",
        "post_id": world["post"],
        "list_id": world["list"],
    }
    addresses = sorted(
        {address_of(pattern, places) for _, pattern in all_patterns() if is_form(pattern)}
    )
    assert len(addresses) > 150
    statuses: Counter[int] = Counter()
    for number, address in enumerate(addresses):
        # Each address with one other than NUL: all of them would take minutes.
        for value in ("a\x00b", HOSTILE[number % len(HOSTILE)]):
            response = browser.post(
                f"/{address}", dict.fromkeys(FORM_NAMES, value), query_params={"next": value}
            )
            assert response.status_code < 500, (address, value[:20])
            statuses[response.status_code] += 1
    # Not turned away at the door.
    assert statuses[429] < 40
    assert statuses[400] < len(addresses)


def is_form(pattern: str) -> bool:
    return not pattern.startswith("api/") and "logout" not in pattern


def address_of(pattern: str, places: dict[str, object]) -> str:
    filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(places.get(found[1], 1)), pattern)
    return re.sub(r"\^|\$|\\Z|\(\?P<\w+>[^)]*\)", "", filled)
