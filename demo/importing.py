"""Posts from a file, by COPY, with made-up people who wrote them and who follow each other."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, models, transaction
from django.utils import timezone
from psycopg import sql

from accounts.models import Follow, User
from common.snowflake import SEQUENCE_BITS, min_id_at, next_id
from consent.models import ConsentEvent, Notice, Subject
from consent.notices import current_notice
from consent.seals import seal_subject
from demo import synthetic_users
from demo.jsonl_reader import InvalidLineError, Line, count_lines, parse, read_jsonl
from posts.models import Post
from posts.text.entities import render
from timeline.models import SearchEntry
from timeline.search.index import without_index

PERIOD = timedelta(days=90)
POSTS_AN_AUTHOR = 25
MIN_AUTHORS = 10
FILLED = (User, Follow, Post, SearchEntry, Subject, ConsentEvent)

PostRow = tuple[Any, ...]
Report = Callable[[int, str], None]
Track = Callable[[Iterable[Any], int, str], Iterable[Any]]


class NothingToImportError(Exception):
    """Not one line of the file is a post."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to import; the same seed gives the same people, follows and authors."""

    path: Path
    authors: int | None = None
    limit: int | None = None
    purposes: tuple[str, ...] = ()
    seed: int = 0


@dataclass(slots=True)
class Tally:
    """What an import did."""

    accounts: int = 0
    follows: int = 0
    posts: int = 0
    grants: int = 0
    skipped: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.posts:,} posts by {self.accounts:,} accounts, {self.follows:,} follows, {self.grants:,} grants "
            f"in {self.seconds:.1f} s ({self.posts / self.seconds:,.0f} posts/s), {self.skipped:,} lines skipped"
        )


def import_posts(order: Order, *, report: Report, track: Track) -> Tally:
    """Import a file as a whole or not at all.

    `report` hears of each bad line, by number and reason; `track(rows, total, what)` passes rows on and shows how
    far they are.

    Raises:
        Unreadable: the file cannot be read to its end.
        NothingToImport: it holds no post.
    """
    started = time.monotonic()
    lines = count_lines(order.path, order.limit)
    tally = Tally(accounts=order.authors or max(MIN_AUTHORS, -(-lines // POSTS_AN_AUTHOR)))
    with transaction.atomic(), without_index(posts=lines):
        fill(order, lines, tally, report, track)
        if not tally.posts:
            raise NothingToImportError(
                f"{order.path} holds no post; each line must be an object with a text."
            )
    analyse()
    tally.seconds = time.monotonic() - started
    return tally


def fill(order: Order, lines: int, tally: Tally, report: Report, track: Track) -> None:
    random, now = Random(order.seed), timezone.now()  # noqa: S311 - no secret comes of it
    ids = reserve_ids(User, tally.accounts)
    people = synthetic_users.gather(ids, random)
    copy(User, PEOPLE, people_rows(ids, random, now))
    follows = track(people.follows(), 0, "follows")
    tally.follows = copy(
        Follow, ("follower_id", "followed_id", "created_at"), ((*pair, now) for pair in follows)
    )

    def refuse(number: int, reason: str) -> None:
        tally.skipped += 1
        report(number, reason)

    found = islice(good_lines(track(read_jsonl(order.path), lines, "posts"), refuse), order.limit)
    ids_of_posts = past_ids(lines, next_id(), random, now)
    tally.posts = copy(Post, _POSTS, post_rows(found, people.authors(), ids_of_posts, now))
    # Last, as the ledger's writers wait for each other up to the end of the transaction.
    tally.grants = grant(ids, order.purposes, now)


PEOPLE = (
    "id",
    "username",
    "display_name",
    "bio",
    "email",
    "password",
    "source",
    "date_joined",
    "is_active",
    "is_staff",
    "is_superuser",
)


def people_rows(ids: list[int], random: Random, now: datetime) -> Iterator[PostRow]:
    joined = now - PERIOD
    for pk in ids:
        name = random.choice(synthetic_users.NAMES)
        # The id keeps the names of one import apart from those of the next.
        username = f"{name.replace(' ', '_')}_{pk}"
        password = make_password(None)
        yield (
            pk,
            username,
            name.title(),
            "",
            "",
            password,
            User.Source.IMPORT,
            joined,
            True,
            False,
            False,
        )


def good_lines(lines: Iterable[bytes], refuse: Report) -> Iterator[Line]:
    for number, line in enumerate(lines, 1):
        try:
            yield parse(line)
        except InvalidLineError as bad:
            refuse(number, str(bad))


_POSTS = ("id", "author_id", "text", "html", "language", "visibility", "authorship", "imported_at")


def post_rows(
    lines: Iterator[Line], authors: Iterator[int], ids: Iterator[int], now: datetime
) -> Iterator[PostRow]:
    public, human = Post.Visibility.PUBLIC.value, Post.Authorship.HUMAN.value
    for line, author, pk in zip(lines, authors, ids, strict=False):
        yield pk, author, line.text, render(line.text), line.language, public, human, now


def past_ids(count: int, number: int, random: Random, now: datetime) -> Iterator[int]:
    """Yield `count` growing ids, spread over the period that ends now; their low bits count on from `number`."""
    first = min_id_at(now - PERIOD)
    step = PERIOD / timedelta(milliseconds=1) / count
    for place in range(count):
        milliseconds = int((place + random.random()) * step)
        yield first + (milliseconds << SEQUENCE_BITS) + (number + place) % (1 << SEQUENCE_BITS)


def grant(user_ids: list[int], purposes: Iterable[str], now: datetime) -> int:
    """Let each of these people share everything for each purpose; return how many decisions that makes."""
    notices = [current_notice(purpose) for purpose in purposes]
    if not notices:
        return 0
    subjects = [Subject(user_id=user_id, adult_attested_at=now) for user_id in user_ids]
    copy(
        Subject,
        ("id", "user_id", "adult_attested_at", "seal"),
        (
            (
                subject.pk,
                subject.user_id,
                subject.adult_attested_at,
                seal_subject(subject.pk, subject.user_id),
            )
            for subject in subjects
        ),
    )
    events = (decision(subject, notice, now) for notice in notices for subject in subjects)
    return copy(
        ConsentEvent,
        DECISIONS,
        (tuple(getattr(event, name) for name in DECISIONS) for event in events),
    )


DECISIONS = (
    "subject",
    "scope",
    "purpose",
    "decision",
    "covers",
    "notice_id",
    "source",
    "at",
    "salt",
    "leaf_hash",
)


def decision(subject: Subject, notice: Notice, now: datetime) -> ConsentEvent:
    return ConsentEvent(
        subject=subject.pk,
        scope=ConsentEvent.Scope.ACCOUNT,
        purpose=notice.purpose,
        decision=ConsentEvent.Decision.GRANTED,
        covers=ConsentEvent.Covers.EVERYTHING,
        notice=notice,
        source=ConsentEvent.Source.IMPORT,
        at=now,
    ).seal()


def copy(model: type[models.Model], columns: tuple[str, ...], rows: Iterable[PostRow]) -> int:
    """Write rows into a model's table by COPY and return how many there were.

    While it runs the connection does nothing else: making a row must not ask the database.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for count, row in enumerate(rows, 1):  # noqa: B007 - the last number is the count
            stream.write_row(row)
    return count


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """Draw ids from a table's own sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def analyse() -> None:
    """Have PostgreSQL look at the filled tables, so that it plans for what is in them now."""
    tables = sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in FILLED)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(tables))
