"""Who sees which post where: each visibility, for each reader, on each page."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services import follow
from posts.services import delete_post
from tests.factories import post

READERS = ("author", "follower", "stranger", "logged out")
USERNAMES = {"author": "alice", "follower": "bob", "stranger": "charlie"}
ALL = set(READERS)
NEAR = {"author", "follower"}
SELF = {"author"}
# Charlie asked what Alice answers, and whoever is answered may read the answer.
ASKER = {"stranger"}
# Who sees a post of Alice's: on its own page, on her profile, at home (logged out: the first page),
# among the public ones, in the thread as a reply, and above a reply to it.
DECIDED = {
    "public": {
        "detail": ALL,
        "profile": ALL,
        "home": NEAR | {"logged out"},
        "public": ALL,
        "reply": ALL,
        "above": ALL,
    },
    "unlisted": {
        "detail": ALL,
        "profile": ALL,
        "home": NEAR,
        "public": set(),
        "reply": ALL,
        "above": ALL,
    },
    "followers": {
        "detail": NEAR,
        "profile": NEAR,
        "home": NEAR,
        "public": set(),
        "reply": NEAR | ASKER,
        "above": NEAR,
    },
    "direct": {
        "detail": SELF,
        "profile": SELF,
        "home": SELF,
        "public": set(),
        "reply": SELF | ASKER,
        "above": SELF,
    },
}
NOBODY = {place: set() for place in DECIDED["public"]}


@pytest.fixture
def readers(alice, bob, charlie) -> dict[str, Client]:
    """Alice writes, Bob follows her, Charlie does not."""
    follow(follower=bob, followed=alice)
    found = {reader: Client() for reader in READERS}
    for reader, username in USERNAMES.items():
        found[reader].force_login(User.objects.get(username=username))
    return found


@pytest.fixture
def pages(alice, charlie):
    """Make Alice's posts with one visibility, and return where each would be, with the words to look for."""

    def make(visibility: str) -> dict[str, tuple[str, str]]:
        mine = post(alice, "Words of a post", visibility=visibility)
        asked = post(charlie, "Somebody asks")
        post(alice, "Words of a reply", reply_to=asked, visibility=visibility)
        below = post(alice, "Something below", reply_to=mine)
        return {
            "detail": (mine.get_absolute_url(), "Words of a post"),
            "profile": ("/@alice", "Words of a post"),
            "home": ("/", "Words of a post"),
            "public": ("/public", "Words of a post"),
            "reply": (asked.get_absolute_url(), "Words of a reply"),
            "above": (below.get_absolute_url(), "Words of a post"),
        }

    return make


def seen(readers: dict[str, Client], pages: dict[str, tuple[str, str]]) -> dict[str, set[str]]:
    return {
        place: {
            reader
            for reader, client in readers.items()
            if words in client.get(address).content.decode()
        }
        for place, (address, words) in pages.items()
    }


@pytest.mark.parametrize("visibility", DECIDED)
def test_who_sees_what(readers, pages, visibility):
    made = pages(visibility)
    assert seen(readers, made) == DECIDED[visibility]
    address = made["detail"][0]
    assert {
        reader for reader, client in readers.items() if client.get(address).status_code == 200
    } == DECIDED[visibility]["detail"]


@pytest.mark.parametrize("visibility", ["public", "followers"])
@pytest.mark.parametrize(
    "field", [{"suspended_at": timezone.now()}, {"is_active": False}], ids=["suspended", "closed"]
)
def test_nobody_sees_who_is_out_of_use(readers, pages, alice, visibility, field):
    made = pages(visibility)
    User.objects.filter(pk=alice.pk).update(**field)
    del readers["author"]
    assert seen(readers, made) == NOBODY


@pytest.mark.parametrize("visibility", DECIDED)
def test_what_cannot_be_read_can_neither_be_answered_nor_liked(readers, alice, visibility):
    mine = post(alice, visibility=visibility)
    acts = [
        (f"/compose?reply_to={mine.pk}", {"text": "I answer."}),
        (f"/posts/{mine.pk}/like", {}),
        (f"/posts/{mine.pk}/unlike", {}),
    ]
    for reader, client in readers.items():
        for address, form in acts:
            response = client.post(address, form)
            if reader == "logged out":
                assert response["Location"].startswith("/accounts/login/"), address
            else:
                allowed = reader in DECIDED[visibility]["detail"]
                assert response.status_code == (302 if allowed else 404), (reader, address)
    mine.refresh_from_db()
    # Answers go to the same readers, and only those for everyone are counted.
    is_open = visibility in ("public", "unlisted")
    assert mine.reply_count == (
        len(DECIDED[visibility]["detail"] - {"logged out"}) if is_open else 0
    )
    assert mine.like_count == 0


def test_who_stops_following_sees_no_more(readers, alice):
    mine = post(alice, "For followers", visibility="followers")
    assert readers["follower"].get(mine.get_absolute_url()).status_code == 200
    readers["follower"].post("/@alice/unfollow")
    assert readers["follower"].get(mine.get_absolute_url()).status_code == 404
    assert "For followers" not in readers["follower"].get("/@alice").content.decode()


def test_a_post_has_one_address(client, alice, bob):
    mine = post(alice)
    assert client.get(f"/@alice/{mine.pk}").status_code == 200
    assert client.get(f"/@ALICE/{mine.pk}").status_code == 200
    assert client.get(f"/@bob/{mine.pk}").status_code == 404


def test_home_has_replies_among_people_one_follows_only(client, alice, bob, charlie):
    client.force_login(bob)
    follow(follower=bob, followed=alice)
    asked = post(charlie, "Charlie asks")
    post(alice, "Alice to Charlie", reply_to=asked)
    mine = post(bob, "Bob asks")
    post(alice, "Alice to Bob", reply_to=mine)
    post(charlie, "Charlie to Bob", reply_to=mine)
    texts = {one.text for one in client.get("/").context["page"].items}
    assert texts == {"Bob asks", "Alice to Bob"}


def test_the_mark_is_shown_to_the_author_only(client, alice, bob):
    mine = post(alice)
    addresses = ["/public", "/@alice", mine.get_absolute_url()]
    for viewer, expected in [(None, False), (bob, False), (alice, True)]:
        if viewer:
            client.force_login(viewer)
        for address in addresses:
            assert ("Not used for training" in client.get(address).content.decode()) == expected, (
                viewer,
                address,
            )


def test_an_answer_to_what_is_gone_does_not_stand_alone_among_what_is_new(client, alice, bob):
    asked = post(alice, "Somebody asks")
    post(bob, "Words of a reply", reply_to=asked)
    delete_post(post=asked)
    for page in ("/", "/public", "/@bob", "/@bob.atom", "/api/v1/timelines/public"):
        assert "Words of a reply" not in client.get(page).content.decode(), page
