"""Who sees a post where: each reader, each visibility and each place, generated from what is said of each of them here.

A part that shows posts somewhere else adds a row to PLACES, and if need be an exception to the rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Block, ListMember, User, UserList
from accounts.services import create_token, follow
from posts.models import Bookmark, Like, Post
from posts.services import publish_post
from posts.services.publishing import PostInput
from tests.factories import person, post
from timeline.models import Notification

WORDS = "Words to look for"
SITE = settings.SITE_URL
READERS = ("author", "follower", "mentioned", "stranger", "blocked", "blocking", "logged out")
VISIBILITIES = tuple(Post.Visibility.values)


@dataclass(frozen=True)
class Scene:
    """A post of the author's, one by somebody else that it answers, and an answer to it."""

    author: User
    post: Post
    answered: Post
    answer: Post
    below: Post
    # A post by somebody else that quotes it, and that everyone reads who has its address.
    quote: Post


@dataclass(frozen=True)
class Place:
    """Where a post may be met, and what is special there beside whether the reader may read it at all."""

    address: Callable[[Scene], str]
    # Only what is for everyone is shown here.
    is_public: bool = False
    # Only those come by it here who follow its author, and the author.
    is_home: bool = False
    # Unlisted posts are found by nobody but their author.
    is_search: bool = False
    # A program asks, with a token.
    is_api: bool = False
    # Who asks does not matter: these visibilities are handed out.
    handed_out: tuple[str, ...] = ()
    # One's own page, on which each reader has the post, or its author, from a time when it was theirs to see.
    is_own: bool = False


PLACES = {
    "page": Place(lambda scene: scene.post.get_absolute_url()),
    "profile": Place(lambda scene: f"/@{scene.author.username}"),
    "replies of a profile": Place(lambda scene: f"/@{scene.author.username}/replies"),
    "home": Place(lambda scene: "/", is_home=True),
    "public": Place(lambda scene: "/public", is_public=True),
    "search": Place(lambda scene: "/search?q=look+words", is_search=True),
    "search by author": Place(
        lambda scene: f"/search?q=from:{scene.author.username}", is_search=True
    ),
    "tag": Place(lambda scene: "/tags/looked", is_public=True),
    "explore": Place(lambda scene: "/explore", is_public=True),
    "thread, below": Place(lambda scene: scene.answered.get_absolute_url()),
    "thread, above": Place(lambda scene: scene.below.get_absolute_url()),
    "API, post": Place(lambda scene: f"/api/v1/statuses/{scene.post.pk}", is_api=True),
    "API, thread, below": Place(
        lambda scene: f"/api/v1/statuses/{scene.answered.pk}/context", is_api=True
    ),
    "API, thread, above": Place(
        lambda scene: f"/api/v1/statuses/{scene.below.pk}/context", is_api=True
    ),
    "API, home": Place(lambda scene: "/api/v1/timelines/home", is_home=True, is_api=True),
    "API, public": Place(lambda scene: "/api/v1/timelines/public", is_public=True, is_api=True),
    "quote": Place(lambda scene: scene.quote.get_absolute_url()),
    "history": Place(lambda scene: f"/posts/{scene.post.pk}/history"),
    "Atom": Place(lambda scene: f"/@{scene.author.username}.atom", handed_out=("public",)),
    "RSS": Place(lambda scene: f"/@{scene.author.username}.rss", handed_out=("public",)),
    "RSS, tag": Place(lambda scene: "/tags/looked.rss", handed_out=("public",)),
    "frame": Place(
        lambda scene: f"{scene.post.get_absolute_url()}/embed", handed_out=("public", "unlisted")
    ),
    "oEmbed": Place(
        lambda scene: f"/oembed?url={SITE}{scene.post.get_absolute_url()}",
        handed_out=("public", "unlisted"),
    ),
    "notifications": Place(lambda scene: "/notifications", is_own=True),
    "bookmarks": Place(lambda scene: "/bookmarks", is_own=True),
    "likes": Place(lambda scene: "/likes", is_own=True),
    "library": Place(lambda scene: "/search?q=in:library+look", is_own=True),
    "list": Place(lambda scene: "/lists/{list}", is_own=True),
    "API, list": Place(lambda scene: "/api/v1/timelines/list/{list}", is_own=True, is_api=True),
    "API, quote": Place(lambda scene: f"/api/v1/statuses/{scene.quote.pk}", is_api=True),
    "API, profile": Place(
        lambda scene: f"/api/v1/accounts/{scene.author.pk}/statuses", is_api=True
    ),
}


def may_read(reader: str, visibility: str) -> bool:
    """The rule of the place, in words for the test: blocks beat everything, mentions open what is not for everyone."""
    if reader in ("blocked", "blocking"):
        return False
    if visibility in ("public", "unlisted") or reader == "author":
        return True
    return reader == "mentioned" or (reader == "follower" and visibility == "followers")


def is_shown(reader: str, visibility: str, place: Place) -> bool:
    if place.handed_out:
        return visibility in place.handed_out
    if place.is_own and reader == "logged out":
        return False
    if not may_read(reader, visibility):
        return False
    if place.is_public:
        return visibility == "public"
    if place.is_search:
        return visibility != "unlisted" or reader == "author"
    if place.is_home:
        # Logged out, the page has the newest public posts instead.
        at_large = reader == "logged out" and visibility == "public" and not place.is_api
        return reader in ("author", "follower") or at_large
    return True


@pytest.fixture
def people(db) -> dict[str, User]:
    people = {
        reader: person(reader.replace(" ", "_")) for reader in READERS if reader != "logged out"
    }
    follow(follower=people["follower"], followed=people["author"])
    Block.objects.create(blocker=people["author"], blocked=people["blocked"])
    Block.objects.create(blocker=people["blocking"], blocked=people["author"])
    return people


@pytest.fixture
def browsers(people) -> dict[str, Client]:
    browsers = {reader: Client() for reader in READERS}
    for reader, user in people.items():
        browsers[reader].force_login(user)
    return browsers


@pytest.fixture
def headers(people) -> dict[str, dict[str, str]]:
    tokens = {
        reader: create_token(user=user, name="reader", scopes=["read"])
        for reader, user in people.items()
    }
    return {reader: {"Authorization": f"Bearer {token}"} for reader, token in tokens.items()}


def made(people: dict[str, User], visibility: str, place: Place) -> Scene:
    """Make the post as an answer where a place shows answers, else as a post of its own."""
    author = people["author"]
    asked = post(person(), "Somebody asks")
    text = f"{WORDS} @mentioned #looked"
    answer = publish_post(
        author=author, draft=PostInput(text, visibility=visibility), reply_to=asked
    )
    alone = publish_post(author=author, draft=PostInput(text, visibility=visibility))
    below = post(author, "The author goes on", reply_to=alone)
    quote = post(person(), "Somebody quotes", visibility="unlisted")
    Post.objects.filter(pk=quote.pk).update(quote_of=alone, quote_state=Post.Quote.SHOWN)
    return Scene(author, alone, asked, answer, below, quote)


def kept_by(reader: User, scene: Scene) -> dict[str, int]:
    """Have somebody keep and like the post, be told of it, and have its author in a list; return the list."""
    Bookmark.objects.create(user=reader, post=scene.post)
    Like.objects.create(user=reader, post=scene.post)
    Notification.objects.get_or_create(
        recipient=reader, kind=Notification.Kind.MENTION, actor=scene.author, post=scene.post
    )
    people = UserList.objects.create(owner=reader, title="Theirs")
    ListMember.objects.create(list=people, member=scene.author)
    return {"list": people.pk}


@pytest.mark.parametrize(("place", "visibility"), list(product(PLACES, VISIBILITIES)))
def test_who_sees_a_post_where(people, browsers, headers, place, visibility):
    where = PLACES[place]
    scene = made(people, visibility, where)
    own = {reader: kept_by(user, scene) if where.is_own else {} for reader, user in people.items()}
    seen = {}
    for reader in READERS:
        address = where.address(scene).format(**own.get(reader, {"list": 0}))
        sent = headers.get(reader, {}) if where.is_api else {}
        seen[reader] = WORDS in browsers[reader].get(address, headers=sent).content.decode()
    assert seen == {reader: is_shown(reader, visibility, where) for reader in READERS}
