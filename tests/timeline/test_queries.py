"""Each list takes as many queries with twenty rows as with one, and showing cards takes none."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import create_token, follow
from dataset_export.models import Shard, Snapshot
from posts.models import LinkPreview
from posts.services import like_post
from tests.dataset_export.snapshots import published
from tests.factories import grant, person, post
from tests.pictures import ready
from timeline.home.rule import home_timeline
from timeline.selectors import public_timeline
from timeline.views.timelines import feed

ROWS = 20
HOME_LIMIT = 8
LIMITS = {"/": HOME_LIMIT, "/public": 5, "/@alice": 9, "/@bob": 9}


def queries(client: Client, address: str) -> list[str]:
    """Return the queries of a page, once caches are warm."""
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(address)
    assert response.status_code == 200, address
    return [query["sql"] for query in captured.captured_queries]


def assert_constant(
    client: Client, address: str, add_row: Callable[[int], object], most: int | None = None
) -> None:
    add_row(0)
    one = queries(client, address)
    for number in range(1, ROWS):
        add_row(number)
    twenty = queries(client, address)
    assert len(twenty) == len(one), "\n".join(twenty)
    assert most is None or len(twenty) <= most, "\n".join(twenty)


@pytest.fixture
def world(alice, bob) -> Callable[[int], object]:
    """Return a function that adds posts of each kind: mine, another's, a reply, for followers, with picture or link."""
    follow(follower=alice, followed=bob)
    grant(alice)
    asked = post(bob, "Asked")

    def add(number: int) -> None:
        like_post(user=alice, post=post(bob, f"Bob {number}"))
        post(alice, f"Alice {number}", visibility="followers" if number % 2 else "public")
        post(alice, f"Answer {number}", reply_to=asked)
        post(bob, f"Seen {number}", media_ids=(ready(bob).pk,))
        post(bob, f"Read https://example.org/{number}")
        LinkPreview.objects.filter(title="").update(title="A page", state="ready")

    return add


def test_timelines(world, charlie):
    """For one who wrote and follows, one who only follows, and one who is logged out."""
    follow(follower=charlie, followed=User.objects.get(username="bob"))
    browsers = {username: Client() for username in ("alice", "charlie", "")}
    for username in ("alice", "charlie"):
        browsers[username].force_login(User.objects.get(username=username))

    def counted() -> dict[tuple[str, str], int]:
        return {
            (username, address): len(queries(client, address))
            for username, client in browsers.items()
            for address in ("/", "/public", "/@alice", "/@bob")
        }

    world(0)
    few = counted()
    for number in range(1, ROWS):
        world(number)
    many = counted()
    assert many == few
    for address, limit in LIMITS.items():
        assert max(many[username, address] for username in browsers) <= limit, address


@pytest.mark.parametrize("viewer", ["alice", None])
def test_conversation(client, alice, bob, viewer):
    if viewer:
        client.force_login(alice)
    asked = post(alice, "Asked")
    assert_constant(
        client, f"/@alice/{asked.pk}", lambda number: post(bob, f"Answer {number}", reply_to=asked)
    )


def test_a_long_thread_above(client, alice, bob):
    client.force_login(alice)
    first = post(bob, "First")
    thread = [post(alice, "Second", reply_to=first)]
    one = queries(client, thread[-1].get_absolute_url())
    for number in range(ROWS):
        thread.append(post((alice, bob)[number % 2], f"Answer {number}", reply_to=thread[-1]))
    deepest = thread[-1]
    twenty = queries(client, f"/@{deepest.author.username}/{deepest.pk}")
    assert len(twenty) == len(one), "\n".join(twenty)


@pytest.mark.parametrize("list_name", ["followers", "following"])
def test_people(client, alice, list_name):
    client.force_login(alice)

    def add(number: int) -> None:
        pair = (person(), alice) if list_name == "followers" else (alice, person())
        follow(follower=pair[0], followed=pair[1])

    assert_constant(client, f"/@alice/{list_name}", add)


def test_people_to_begin_with(client, alice):
    """A home without posts shows people instead."""
    client.force_login(alice)
    assert_constant(client, "/", lambda number: person(), HOME_LIMIT)


@pytest.fixture
def more_snapshots(alice) -> Callable[[int], object]:
    post(alice)
    grant(alice)
    made = published(by=person())
    fields = {
        field.name: getattr(made, field.name)
        for field in Snapshot._meta.fields
        if field.name not in ("id",)
    }
    return lambda number: Snapshot.objects.create(**{**fields, "name": f"words-{number}"})


def test_catalogue(client, more_snapshots):
    assert_constant(client, "/datasets/", more_snapshots)


def test_files_of_a_data_set(client, more_snapshots):
    made = Snapshot.objects.get(name="words")

    def add(number: int) -> None:
        fields = {
            "rows": 1,
            "size": 9,
            "sha256": "0" * 64,
            "format": "parquet",
            "path": f"{number}",
        }
        Shard.objects.create(snapshot=made, split="test", number=number, **fields)

    assert_constant(client, "/datasets/words/", add)


def test_tokens(client, alice):
    client.force_login(alice)
    assert_constant(
        client, "/settings/tokens", lambda number: create_token(user=alice, name=f"{number}")
    )


@pytest.fixture
def root(client, db) -> User:
    root = person("root", is_staff=True, is_superuser=True)
    client.force_login(root)
    return root


def test_admin_of_people(client, root):
    assert_constant(client, "/admin/accounts/user/", lambda number: person())


def test_admin_of_posts(client, root, alice):
    assert_constant(
        client, "/admin/posts/post/", lambda number: post(person(), reply_to=post(alice))
    )


def test_admin_of_decisions(client, root):
    assert_constant(client, "/admin/consent/consentevent/", lambda number: grant(person()))


def test_admin_of_tokens(client, root):
    assert_constant(
        client,
        "/admin/accounts/accesstoken/",
        lambda number: create_token(user=person(), name="laptop"),
    )


def test_admin_of_snapshots(client, root, more_snapshots):
    assert_constant(client, "/admin/dataset_export/snapshot/", more_snapshots)


def test_review_of_a_snapshot(client, root, alice):
    for number in range(ROWS + 5):
        post(alice, f"Words of Alice, number {number} of some")
    grant(alice)
    few = published("few", by=person())
    for number in range(ROWS * 3):
        post(person(), f"Words of others, number {number} of some")
    many = published("many", by=person())
    pages = [
        queries(client, f"/admin/dataset_export/snapshot/{made.pk}/change/") for made in (few, many)
    ]
    assert len(pages[0]) == len(pages[1])


@pytest.mark.parametrize("viewer", ["alice", None])
def test_showing_cards_asks_the_database_nothing(django_assert_num_queries, world, viewer):
    for number in range(7):
        world(number)
    request = RequestFactory().get("/")
    request.user = User.objects.get(username=viewer) if viewer else AnonymousUser()
    posts = (
        home_timeline(request.user).with_card_data(request.user)
        if viewer
        else public_timeline(request.user)
    )
    page = feed(request, posts)
    assert len(page.items) > 6
    with django_assert_num_queries(0):
        shown = render_to_string("timeline/_feed.html", {"page": page, "user": request.user})
    assert shown.count("<article") == len(page.items)
