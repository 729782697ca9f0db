"""How many follow people, how many they follow, and how many posts they have, for the shapes of accounts."""

from collections.abc import Collection
from typing import NamedTuple

from django.core.cache import cache
from django.db import connection

# Client programs show them beside names; nobody decides anything by them.
SECONDS = 600
COUNTS = """
SELECT person.id,
    (SELECT count(*) FROM accounts_follow WHERE followed_id = person.id),
    (SELECT count(*) FROM accounts_follow WHERE follower_id = person.id),
    (SELECT count(*) FROM posts_post WHERE author_id = person.id AND visibility <> 'direct')
FROM unnest(%s::bigint[]) AS person (id)
"""


class Counts(NamedTuple):
    followers: int = 0
    following: int = 0
    statuses: int = 0


def counts_of(people: Collection[int]) -> dict[int, Counts]:
    """Return the counts of people by their ids, in one query or, for a while after it, none."""
    known: dict[int, Counts] = {
        int(key.rpartition("-")[2]): Counts(*counts) for key, counts in cache.get_many(map(key_of, people)).items()
    }
    missing = sorted(set(people) - known.keys())
    if missing:
        with connection.cursor() as cursor:
            cursor.execute(COUNTS, [missing])
            counted = {pk: Counts(*counts) for pk, *counts in cursor.fetchall()}
        cache.set_many({key_of(pk): tuple(counts) for pk, counts in counted.items()}, SECONDS)
        known |= counted
    return known


def key_of(pk: int) -> str:
    return f"account-counts-{pk}"
