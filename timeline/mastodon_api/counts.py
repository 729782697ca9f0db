"""Counts of followers, follows and posts for account objects."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.core.cache import cache
from django.db import connection

# Displayed by clients; nothing depends on them.
_SECONDS = 600
# Public interactions: active users and public posts; reposts only of public posts.
COUNTS = """
WITH gone AS MATERIALIZED (SELECT id FROM accounts_user WHERE NOT is_active OR suspended_at IS NOT NULL)
SELECT person.id,
    (SELECT count(*) FROM accounts_follow
        WHERE followed_id = person.id AND follower_id NOT IN (SELECT id FROM gone)),
    (SELECT count(*) FROM accounts_follow
        WHERE follower_id = person.id AND followed_id NOT IN (SELECT id FROM gone)),
    (SELECT count(*) FROM posts_post AS post LEFT JOIN posts_post AS original ON original.id = post.repost_of_id
        WHERE post.author_id = person.id AND post.visibility IN ('public', 'unlisted')
        AND (post.repost_of_id IS NULL OR original.visibility IN ('public', 'unlisted')
            AND original.author_id NOT IN (SELECT id FROM gone)))
FROM unnest(%s::bigint[]) AS person (id)
"""


class AccountCounts(NamedTuple):
    followers: int = 0
    following: int = 0
    statuses: int = 0


def account_counts(people: Collection[int]) -> dict[int, AccountCounts]:
    """Return counts by user id, in at most one query; cached for a while."""
    known: dict[int, AccountCounts] = {
        int(key.rpartition("-")[2]): AccountCounts(*counts)
        for key, counts in cache.get_many(map(_key_of, people)).items()
    }
    missing = sorted(set(people) - known.keys())
    return known | _count(missing) if missing else known


def fresh_counts_of(person_id: int) -> AccountCounts:
    """Return a user's current counts, for their own page."""
    return _count([person_id])[person_id]


def _count(people: Sequence[int]) -> dict[int, AccountCounts]:
    """Count for some users and cache it."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [list(people)])
        counted = {pk: AccountCounts(*counts) for pk, *counts in cursor.fetchall()}
    cache.set_many({_key_of(pk): tuple(counts) for pk, counts in counted.items()}, _SECONDS)
    return counted


def _key_of(pk: int) -> str:
    return f"account-counts-{pk}"
