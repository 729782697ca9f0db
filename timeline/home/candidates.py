"""Candidate ids of a home timeline, newest first and complete; the visibility rule decides
on them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from accounts.models import User
from common.pagination import MAX_ID
from timeline.home import redis_store

# Posts without fan-out, or not yet: the viewer's own, those by users with too many followers, those
# with followed hashtags, and those whose event is pending.
UNPUSHED_CANDIDATES_SQL = """
SELECT
    (SELECT home_timeline_version FROM accounts_user WHERE id = %(viewer)s),
    ARRAY(
        (SELECT id FROM posts_post WHERE author_id = %(viewer)s AND id < %(below)s ORDER BY id DESC LIMIT %(limit)s)
        UNION
        (
            SELECT newest.id
            FROM accounts_user author
            JOIN accounts_follow follow ON follow.followed_id = author.id AND follow.follower_id = %(viewer)s
            CROSS JOIN LATERAL (
                SELECT id FROM posts_post
                WHERE author_id = author.id AND id < %(below)s
                ORDER BY id DESC LIMIT %(limit)s
            ) newest
            WHERE author.skips_fan_out
        )
        UNION
        (
            SELECT newest.post_id
            FROM posts_hashtagfollow follow
            CROSS JOIN LATERAL (
                SELECT post_id FROM posts_posthashtag
                WHERE tag_id = follow.tag_id AND post_id < %(below)s
                ORDER BY post_id DESC LIMIT %(limit)s
            ) newest
            WHERE follow.user_id = %(viewer)s
        )
        UNION
        (
            SELECT news.post_id
            FROM common_outboxevent news
            JOIN accounts_follow follow ON follow.followed_id = news.actor_id AND follow.follower_id = %(viewer)s
            WHERE news.topic = 'published' AND news.post_id < %(below)s
            ORDER BY news.post_id DESC LIMIT %(limit)s
        )
        ORDER BY 1 DESC LIMIT %(limit)s
    )
"""


@dataclass(frozen=True, slots=True)
class IdPage:
    """All candidate ids from a cursor down to `floor`, unordered; a floor of 0 means the end."""

    ids: list[int]
    floor: int


def candidates(viewer: User, *, below: int | None, limit: int) -> Iterator[list[int]]:
    """Yield batches of candidates below a cursor, highest first, from Redis as far as it has them.

    Complete between the cursor and a batch's last id, whatever was not pushed yet or was evicted
    from Redis.
    """
    while below != 0:
        epoch, beside = not_pushed(viewer, below, limit)
        # Read after the outbox: what has left the outbox is pushed.
        pushed = from_store(viewer, epoch, below, limit)
        if pushed is None:
            pushed = from_database(viewer, below, limit)
        below = max(beside.floor, pushed.floor)
        yield sorted(
            {post_id for post_id in (*beside.ids, *pushed.ids) if post_id >= below}, reverse=True
        )
        limit = min(2 * limit, redis_store.MAX_IDS)


def not_pushed(viewer: User, below: int | None, limit: int) -> tuple[int, IdPage]:
    """Return the timeline's version and the next ids that are never in Redis."""
    with connection.cursor() as cursor:
        cursor.execute(
            UNPUSHED_CANDIDATES_SQL,
            {"viewer": viewer.pk, "below": cursor_or_greatest(below), "limit": limit},
        )
        epoch, ids = cursor.fetchone()
    return epoch, floor_of_limit(ids, limit)


def from_store(viewer: User, epoch: int, below: int | None, limit: int) -> IdPage | None:
    """Return the next pushed ids from Redis, rebuilding it if needed; None if it has too few."""
    name = redis_store.key(viewer.pk, epoch)
    try:
        found = redis_store.read_ids(name, below=below, limit=limit)
        if found is None and rebuild_home(viewer, name):
            found = redis_store.read_ids(name, below=below, limit=limit)
    except redis_store.RedisUnavailableError:
        return None
    if found is None or (len(found.ids) < limit and not found.is_last):
        return None
    return IdPage(found.ids, 0 if found.is_last else found.ids[-1])


def rebuild_home(viewer: User, name: str) -> bool:
    """Rebuild a missing timeline in Redis; False if another process does.

    Posts published meanwhile are pushed to the timeline that was started before.

    Raises:
        RedisUnavailableError: Redis does not respond.
    """
    mark = redis_store.start_rebuild(name)
    if mark is None:
        return False
    found = from_database(viewer, None, redis_store.MAX_IDS)
    redis_store.complete_rebuild(name, mark, found.ids, is_complete=found.floor == 0)
    return True


def from_database(viewer: User, below: int | None, limit: int) -> IdPage:
    """Return the next pushed ids from PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT home_candidates(%s, %s, %s)", [viewer.pk, cursor_or_greatest(below), limit]
        )
        return floor_of_limit([post_id for (post_id,) in cursor.fetchall()], limit)


def floor_of_limit(ids: list[int], limit: int) -> IdPage:
    """Return how far down a limited list of ids reaches."""
    return IdPage(ids, ids[-1] if len(ids) == limit else 0)


def cursor_or_greatest(below: int | None) -> int:
    return MAX_ID if below is None else below
