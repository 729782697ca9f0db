"""Queries that are compiled once and executed by many threads, each on whatever connection the pool has for it."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import _lru_cache_wrapper, partial
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, connections, transaction
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Concat
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.selectors import VIEWER
from accounts.services import create_token, follow, mute
from common.compiled_queries import (
    CURSOR,
    IDS,
    CompiledModelQuery,
    CompiledQuery,
    CompiledQueryError,
    EqualsAny,
)
from posts.filtering import ALL_ACTIONS
from posts.models import KeywordFilter, Like, LinkPreview, Post
from posts.presentation.hydrate import posts_by_id
from posts.selectors import replies_below, replies_to
from posts.services import like_post
from tests.factories import person, post
from tests.pictures import ready
from tests.threads import together
from timeline.home.visibility import filter_candidates
from timeline.models import Notification
from timeline.notifications.selectors import unread_count
from timeline.queries import pinned_rows, profile_rows, public_rows
from timeline.selectors import profile_timeline

CLIENTS = 16
SOME_ID = -(2**40)


def compiled(rows: Any, *, prepare: bool = False) -> CompiledQuery:
    return CompiledQuery(*rows.query.sql_with_params(), prepare=prepare)


# What a query may hold.


def test_params_are_bound_by_name(alice, bob):
    query = compiled(
        User.objects.filter(EqualsAny(F("pk"), IDS), pk__gt=CURSOR)
        .order_by("pk")
        .values_list("username")
    )
    ids = [alice.pk, bob.pk]
    assert query.fetch(ids=ids, cursor=0) == [("alice",), ("bob",)]
    assert query.fetch(ids=ids, cursor=alice.pk, viewer=bob.pk) == [("bob",)]
    assert query.fetch(ids=[], cursor=0) == []


def test_a_number_that_looks_like_another_param_stays_what_it_is(alice, bob):
    for number in (alice.pk, bob.pk, SOME_ID):
        query = compiled(
            User.objects.filter(Q(pk=number) | Q(pk=VIEWER)).order_by("pk").values_list("pk")
        )
        assert query.fetch(viewer=bob.pk) == sorted(
            {(number,), (bob.pk,)} & {(alice.pk,), (bob.pk,)}
        )


@pytest.mark.parametrize(
    "text", ["{}", "100 % of it", "%s", "%(viewer)s", "it's", 'a \\ and "b"', "$1", ""]
)
def test_a_text_stays_what_it_is(alice, text):
    text_column = Concat(Value(text), F("username"), output_field=CharField())
    rows = User.objects.filter(pk=VIEWER).values_list(text_column)
    assert compiled(rows).fetch(viewer=alice.pk) == [(f"{text}alice",)]


@pytest.mark.parametrize("prepare", [False, True])
def test_a_percent_sign_of_django_stays_one(alice, prepare):
    rows = (
        User.objects.filter(pk=VIEWER, username__contains="lic")
        .annotate(odd=F("pk") % 2)
        .values_list("odd")
    )
    assert compiled(rows, prepare=prepare).fetch(viewer=alice.pk) == [(alice.pk % 2,)]


@pytest.mark.parametrize(
    "value",
    [timezone.now(), timezone.now().date(), timezone.now().time(), timedelta(days=1), b"bytes"],
)
def test_a_value_that_holds_for_a_moment_only_is_refused(value):
    with pytest.raises(CompiledQueryError, match="use a Param, or Now"):
        CompiledQuery("SELECT %s", [value])
    with pytest.raises(CompiledQueryError, match="use a Param, or Now"):
        CompiledQuery("SELECT %s", [[value]])


def test_a_query_about_a_moment_is_refused(db):
    with pytest.raises(CompiledQueryError):
        CompiledModelQuery(Post.objects.filter(edited_at__gt=timezone.now()))


def test_a_missing_value_is_an_error(db):
    with pytest.raises(CompiledQueryError, match="no value for viewer"):
        compiled(User.objects.filter(pk=VIEWER).values_list("pk")).fetch(ids=[1])


def test_a_query_that_was_not_compiled_never_takes_a_param_for_a_value(alice):
    with pytest.raises(Exception, match="Placeholder"):
        list(User.objects.filter(pk=VIEWER))


# What a row is.


@pytest.fixture
def cards(alice, bob) -> list[Post]:
    linked = post(bob, "Read https://example.org/1")
    LinkPreview.objects.filter(pk=linked.link_preview_id).update(title="A page", state="ready")
    answer = post(alice, "Answer", reply_to=linked)
    pictured = post(bob, "Seen", media_ids=(ready(bob).pk,))
    like_post(user=alice, post=pictured)
    return [linked, answer, pictured]


def state(instance: Any) -> dict[str, Any]:
    values = {name: value for name, value in vars(instance).items() if name != "_state"}
    related = {name: value and state(value) for name, value in instance._state.fields_cache.items()}
    return {
        **values,
        "related": related,
        "db": instance._state.db,
        "adding": instance._state.adding,
    }


def test_rows_are_those_of_the_query_set(alice, cards):
    ids = [card.pk for card in cards]
    plain = Post.objects.filter(pk__in=ids).readable_by(alice).with_card_data(alice).order_by("pk")
    query = CompiledModelQuery(
        Post.objects.with_some_ids().readable_by(VIEWER).with_card_data(VIEWER).order_by("pk")
    )
    with CaptureQueriesContext(connection) as captured:
        rows = query.fetch(viewer=alice.pk, ids=ids)
        assert [row.author.username for row in rows] == ["bob", "alice", "bob"]
        assert [row.link_preview and row.link_preview.title for row in rows] == [
            "A page",
            None,
            None,
        ]
    assert [state(row) for row in rows] == [state(row) for row in plain]
    assert len(captured) == 1


def test_relations_of_relations_are_refused(db):
    with pytest.raises(CompiledQueryError):
        CompiledModelQuery(Post.objects.select_related("reply_to__author"))
    with pytest.raises(CompiledQueryError):
        CompiledModelQuery(Like.objects.select_related())


def test_what_ends_meanwhile_is_not_fixed_when_the_query_is_compiled(alice, bob):
    """A mute of an hour, looked at by one compiled query before and after its end."""
    mute(muter=alice, muted=bob, until=timezone.now() + timedelta(hours=1))
    said = post(bob)
    query = compiled(Post.objects.with_some_ids().without_muted(VIEWER).values_list("pk"))
    assert query.fetch(viewer=alice.pk, ids=[said.pk]) == []
    alice.mutes.update(until=timezone.now() - timedelta(seconds=1))
    assert query.fetch(viewer=alice.pk, ids=[said.pk]) == [(said.pk,)]


# Prepared statements.


@pytest.fixture
def prepared(transactional_db) -> Iterator[Callable[[], object]]:
    """A query that is prepared on this thread's connection."""
    alice = person("alice")
    query = compiled(
        User.objects.filter(pk=VIEWER).values_list("username", "display_name"), prepare=True
    )

    def fetch() -> object:
        return query.fetch(viewer=alice.pk)

    connection.close()
    fetch()
    assert statements() == 1
    return fetch


def statements() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        return cursor.fetchone()[0]


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def execute_behind_psycopg(statement: str) -> None:
    connection.connection.pgconn.exec_(statement.encode())


def test_a_query_is_prepared_once_for_ids_of_every_size(transactional_db):
    connection.close()
    query = compiled(
        User.objects.filter(EqualsAny(F("pk"), IDS), pk__gt=CURSOR).values_list("pk"), prepare=True
    )
    for cursor, ids in ((0, [1]), (2**40, [2**40, 1]), (2**20, [])):
        assert query.fetch(cursor=cursor, ids=ids) == []
    again = compiled(
        User.objects.filter(EqualsAny(F("pk"), IDS), pk__gt=CURSOR).values_list("pk"), prepare=True
    )
    again.fetch(cursor=1, ids=[3])
    # The array without entries has no type of its own.
    assert statements() <= 2


def test_a_prepared_query_is_seen_by_whatever_counts_queries(prepared):
    with CaptureQueriesContext(connection) as captured:
        prepared()
    assert len(captured) == 1
    assert "accounts_user" in captured[0]["sql"]


def test_ordinary_queries_are_not_prepared(transactional_db):
    connection.close()
    for _ in range(10):
        list(User.objects.filter(pk=1))
        list(User.objects.all().iterator())
        psycopg.Cursor(connection.connection).execute("SELECT %s::int", [1])
    assert statements() == 0


@pytest.mark.parametrize(
    "statement",
    ["DEALLOCATE ALL", "DISCARD ALL", "BEGIN; ROLLBACK", "DROP TABLE IF EXISTS nothing_at_all"],
)
@pytest.mark.parametrize("run", [execute, execute_behind_psycopg])
def test_statements_that_are_gone_are_prepared_anew(prepared, statement, run):
    run(statement)
    assert prepared() == [("alice", "")]
    assert prepared() == [("alice", "")]
    assert statements() == 1


def test_a_name_that_is_taken_is_no_error(prepared):
    """As on a connection that a pooler outside the process has given to another process before."""
    connection.close()
    connection.ensure_connection()
    execute_behind_psycopg("PREPARE _pg3_0 AS SELECT 1")
    assert prepared() == [("alice", "")]
    assert prepared() == [("alice", "")]
    assert statements() == 1


def test_a_rollback_does_no_harm(prepared):
    for _ in range(2):
        with pytest.raises(ValueError), transaction.atomic():
            assert prepared() == [("alice", "")]
            raise ValueError
        assert prepared() == [("alice", "")]


@pytest.fixture
def other_columns() -> Iterator[Callable[[], None]]:
    """Return what changes the type of a column, from a connection of its own, as a migration does."""

    def change(length: int) -> None:
        statement = f"ALTER TABLE accounts_user ALTER COLUMN display_name TYPE varchar({length})"
        together([lambda: execute(statement)])

    length = User._meta.get_field("display_name").max_length
    yield lambda: change(length + 1)
    change(length)


def test_a_migration_under_a_prepared_query_is_no_error(prepared, other_columns):
    other_columns()
    assert prepared() == [("alice", "")]
    assert prepared() == [("alice", "")]
    assert statements() == 1


def test_a_migration_under_a_prepared_query_does_not_break_a_transaction(prepared, other_columns):
    other_columns()
    with transaction.atomic():
        assert prepared() == [("alice", "")]
        User.objects.update(display_name="Alice")
    assert prepared() == [("alice", "Alice")]


# Pages.


@pytest.fixture
def pool() -> Iterator[None]:
    """A pool of connections, as the site's processes have one."""
    options = connections.settings["default"]["OPTIONS"]
    connection.close()
    options["pool"] = {"min_size": 1, "max_size": CLIENTS, "timeout": 30}
    yield
    connection.close()
    connection.close_pool()
    del options["pool"]


@pytest.fixture
def thread(transactional_db) -> tuple[User, Post]:
    """Return a reader, and a post with an answer that was answered."""
    alice, bob = person("alice"), person("bob")
    follow(follower=alice, followed=bob)
    asked = post(bob, "Bread for @alice #bread")
    answer = post(alice, "Which bread?", reply_to=asked)
    post(bob, "This one.", reply_to=answer)
    like_post(user=bob, post=answer)
    Notification.objects.create(recipient=alice, actor=bob, kind="like", post=answer)
    Post.objects.filter(pk=post(bob, "Pinned").pk).update(pinned_at=timezone.now())
    return alice, Post.objects.get(pk=asked.pk)


def forget_compiled_queries() -> None:
    """Make this process one that has just begun: without what functions have kept, and without connections."""
    for kept in gc.get_objects():
        if type(kept) is _lru_cache_wrapper and kept.__module__.startswith(("posts.", "timeline.")):
            kept.cache_clear()
    connection.close_pool()


def call(read: Callable[[], object]) -> object:
    """Return what a thread of the site's gets that gives its connection back afterwards."""
    try:
        return read()
    finally:
        connection.close()


def call_one_by_one(reads: dict[str, Callable[[], object]], times: int) -> dict[str, list[object]]:
    """Call each so often, in a thread that has a connection of the pool for each call, the next one each time."""
    with ThreadPoolExecutor(1) as executor:
        answers = {
            name: [executor.submit(call, read) for _ in range(times)]
            for name, read in reads.items()
        }
        return {
            name: [answer.exception() or answer.result() for answer in found]
            for name, found in answers.items()
        }


@pytest.fixture
def selectors(thread) -> dict[str, Callable[[], object]]:
    """Each function that executes a compiled query, and returns nothing that differs from call to call."""
    alice, asked = thread
    ids = list(Post.objects.order_by("pk").values_list("pk", flat=True))
    nobody = AnonymousUser()
    folding = (KeywordFilter.Place.THREADS, ALL_ACTIONS)
    return {
        "judged": lambda: filter_candidates(alice, ids),
        "unread_count": lambda: unread_count(alice),
        "cards": lambda: sorted(posts_by_id(ids, alice)),
        "cards of nobody": lambda: sorted(posts_by_id(ids, nobody)),
        "folded cards": lambda: sorted(posts_by_id(ids, alice, folding)),
        "answers": lambda: replies_below([asked], alice),
        "answers of nobody": lambda: replies_below([asked], nobody),
        "replies": lambda: [row.pk for row in replies_to(asked, alice, None, 20)],
        "public": lambda: [row.pk for row in public_rows(alice, below=None, size=20)],
        "profile": lambda: [
            row.pk
            for row in profile_rows(profile_timeline, asked.author, alice, below=None, size=20)
        ],
        "pinned": lambda: [row.pk for row in pinned_rows(asked.author, alice)],
    }


def test_queries_that_are_asked_at_once_on_a_cold_start_answer_always(selectors, pool):
    forget_compiled_queries()
    wanted = {name: call(read) for name, read in selectors.items()}
    assert all(wanted.values()), wanted
    for name, read in selectors.items():
        forget_compiled_queries()
        assert together([read] * CLIENTS) == [wanted[name]] * CLIENTS, name
    assert call_one_by_one(selectors, CLIENTS) == {
        name: [wanted[name]] * CLIENTS for name in selectors
    }


def test_queries_survive_a_migration_and_connections_that_are_cut(selectors, pool, other_columns):
    forget_compiled_queries()
    wanted = {name: [call(read)] * 2 for name, read in selectors.items()}
    assert call_one_by_one(selectors, 2) == wanted
    other_columns()
    assert call_one_by_one(selectors, 2) == wanted
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
    with psycopg.connect(**own_parameters()) as other:
        other.execute(cut, [other.info.backend_pid])
    assert call_one_by_one(selectors, 2) == wanted


def own_parameters() -> dict[str, Any]:
    names = ("dbname", "user", "password", "host", "port")
    return {
        name: value for name, value in connection.get_connection_params().items() if name in names
    }


def test_pages_that_are_asked_for_at_once_on_a_cold_start_stay_whole(thread, pool):
    alice, asked = thread
    token = create_token(user=alice, name="reader", scopes=("read",))
    api = (
        "timelines/home",
        "timelines/public",
        f"statuses/{asked.pk}/context",
        f"accounts/{asked.author_id}/statuses",
    )
    pages = ("/", "/notifications", "/search?q=bread", "/@bob", f"/@bob/{asked.pk}")

    def ask(address: str) -> int:
        client = Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)
        if not address.startswith("/api/"):
            client.force_login(alice)
        return client.get(address).status_code

    addresses = [*(f"/api/v1/{name}" for name in api), *pages]
    reads = {address: partial(ask, address) for address in addresses}
    forget_compiled_queries()
    assert together(list(reads.values())) == [200] * len(addresses)
    assert call_one_by_one(reads, 4) == {address: [200] * 4 for address in addresses}


def test_ids_beyond_every_id_find_nothing(client, alice):
    client.force_login(alice)
    for address in (
        "/public?max_id=",
        "/?max_id=",
        "/@alice?max_id=",
        "/api/v1/timelines/public?max_id=",
    ):
        assert client.get(f"{address}{10**25}").status_code == 200
    assert posts_by_id([2**63 - 1], alice) == {}
