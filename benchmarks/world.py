"""A site full of people and posts, by COPY; the same for each run."""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Follow, User
from benchmarks import texts
from benchmarks.place import timed
from common.snowflake import next_id
from demo import synthetic_users
from demo.importing import (
    PEOPLE,
    POSTS_AN_AUTHOR,
    PostRow,
    analyse,
    copy,
    grant,
    past_ids,
    people_rows,
    reserve_ids,
)
from posts.models import Post
from posts.text.entities import render
from timeline.search.index import without_index

SEED = 20
# What the pages are measured with: many follow few, and few are followed by nearly all.
POSTS, ACCOUNTS, FOLLOWS = 100_000, 20_000, 1_000_000
REPLIES = 0.25
# How far up in the list the answered post stands, at most: people answer what is new.
ANSWERED_WITHIN = 500
DRAWN_AT_ONCE = 10_000
COLUMNS = (
    "id",
    "author_id",
    "text",
    "html",
    "language",
    "visibility",
    "authorship",
    "reply_to_id",
    "thread_id",
)


def fill(
    *, posts: int, people: int | None = None, follows: int = 0, purposes: tuple[str, ...] = ()
) -> list[int]:
    """Fill an empty site and return the ids of its people, the most famous first."""
    random, now = Random(SEED), timezone.now()
    ids = reserve_ids(User, people or posts // POSTS_AN_AUTHOR)
    crowded = synthetic_users.gather(ids, random)
    with timed(f"{len(ids):,} people, {posts:,} posts, {follows:,} follows"):
        rows = list(people_rows(ids, random, now))
        copy(User, PEOPLE, rows)
        names = [str(row[PEOPLE.index("username")]) for row in rows]
        with transaction.atomic(), without_index(posts=posts):
            copy(
                Post,
                COLUMNS,
                post_rows(random, crowded, names, past_ids(posts, next_id(), random, now)),
            )
        copy(
            Follow,
            ("follower_id", "followed_id", "created_at"),
            follow_rows(random, crowded, follows, now),
        )
        grant(ids, purposes, now)
        settle()
    return crowded.ranked


def fill_for_pages() -> list[int]:
    """Fill an empty site with what pages are measured with."""
    return fill(posts=POSTS, people=ACCOUNTS, follows=FOLLOWS)


def post_rows(
    random: Random, people: synthetic_users.Crowd, names: list[str], ids: Iterator[int]
) -> Iterator[PostRow]:
    threads: list[tuple[int, int]] = []
    for pk, author, (text, language) in zip(
        ids, people.authors(), texts.posts(random, names), strict=False
    ):
        parent, thread = answered(random, threads)
        threads.append((pk, thread or pk))
        yield pk, author, text, render(text), language, "public", "human", parent, thread


def answered(random: Random, threads: list[tuple[int, int]]) -> tuple[int, int] | tuple[None, None]:
    """Return the post that the next one answers and the thread's first; mostly it answers none."""
    if not threads or random.random() > REPLIES:
        return None, None
    return threads[-random.randint(1, min(ANSWERED_WITHIN, len(threads)))]


def follow_rows(
    random: Random, people: synthetic_users.Crowd, total: int, now: datetime
) -> Iterator[PostRow]:
    """Yield follows with a heavy tail on both sides: few are read by nearly all, few read nearly all."""
    fame = synthetic_users.zipf(len(people.ranked), synthetic_users.FAME)
    interest = synthetic_users.zipf(len(people.ranked), synthetic_users.ZEAL)
    readers = random.sample(people.ranked, len(people.ranked)) if total else []
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < total:
        followers = random.choices(readers, cum_weights=interest, k=DRAWN_AT_ONCE)
        followed = random.choices(people.ranked, cum_weights=fame, k=DRAWN_AT_ONCE)
        for pair in zip(followers, followed, strict=True):
            if pair[0] != pair[1] and pair not in pairs and len(pairs) < total:
                pairs.add(pair)
                yield *pair, now


def settle() -> None:
    """Do what a running database does by itself within minutes: count, and mark what all may see."""
    analyse()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE posts_post, accounts_follow, timeline_searchentry")
