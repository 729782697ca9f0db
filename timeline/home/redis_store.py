"""Home timelines in Redis: ids of posts that may be in them, for people who were here lately.

A timeline is a sorted set whose members all have the score 0, so that they are in the order of their bytes: ids of
eight bytes, the greatest first. Scores would be doubles, which do not hold an id. It is disposable at any moment.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import redis
import structlog
from django.conf import settings

Answer = TypeVar("Answer")

MAX_IDS = 400
TTL = 14 * 24 * 3600
# Whoever began to put a timeline together and did not end within this time has died.
BUILDING_SECONDS = 60
# Redis answers within a millisecond or not at all; while it is away it is asked again only now and then.
TIMEOUT_SECONDS = 0.25
RETRY_AFTER = 5

# Above all ids: the timeline holds the newest ids without a gap.
READY = b"\xff" * 8
# Below all ids: it holds them back to the very first.
COMPLETE = b"\x00" * 8

# READY and the greatest ids are kept. COMPLETE is the first to go.
PUSH = """
for _, key in ipairs(KEYS) do
    if redis.call('EXISTS', key) == 1 then
        redis.call('ZADD', key, 0, ARGV[1])
        redis.call('ZREMRANGEBYRANK', key, 0, -2 - ARGV[2])
    end
end
"""
BEGIN = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('ZADD', KEYS[1], 0, ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
# The mark of whoever began is still there, so that no push was missed since. What was pushed meanwhile and is older
# than the rest would leave a gap above it.
FINISH = """
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return end
for place = 4, #ARGV do redis.call('ZADD', KEYS[1], 0, ARGV[place]) end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -2 - ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
"""


READ = """
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return false end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('ZREVRANGEBYLEX', KEYS[1], ARGV[3], '-', 'LIMIT', 0, ARGV[4])
"""


class RedisUnavailableError(Exception):
    """Redis does not answer."""


@dataclass(frozen=True, slots=True)
class CachedIds:
    """Ids below a cursor, the greatest first; `is_last` where nothing is below them, neither here nor elsewhere."""

    ids: list[int]
    is_last: bool


@dataclass(slots=True)
class CircuitBreaker:
    """Keep from waiting for a server again and again that is away."""

    until: float = 0.0

    def call(self, ask: Callable[[redis.Redis], Answer]) -> Answer:
        if time.monotonic() < self.until:
            raise RedisUnavailableError
        try:
            return ask(client())
        except redis.RedisError as error:
            self.until = time.monotonic() + RETRY_AFTER
            structlog.get_logger().warning(
                "home timelines are read without Redis", error=str(error)
            )
            raise RedisUnavailableError from error


breaker = CircuitBreaker()


@cache
def client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )


def key(user_id: int, epoch: int) -> str:
    """Return the key of a timeline; what may add older posts to it counts the epoch on, and so leaves it behind."""
    return f"home:{user_id}:{epoch}"


def pack(post_id: int) -> bytes:
    return post_id.to_bytes(8, "big")


def read_ids(name: str, *, below: int | None, limit: int) -> CachedIds | None:
    """Return the next ids of a timeline; None where it is not there, or not whole yet.

    Raises:
        Away: Redis does not answer.
    """

    start = b"(" + (READY if below is None else pack(below))
    members = breaker.call(
        lambda server: server.register_script(READ)(keys=[name], args=[READY, TTL, start, limit])
    )
    if members is None:
        return None
    ids = [int.from_bytes(member, "big") for member in members if member != COMPLETE]
    return CachedIds(ids, is_last=len(ids) < len(members))


def push(names: Sequence[str], post_id: int) -> None:
    """Put an id into those of the timelines that are there.

    Raises:
        Away: Redis does not answer.
    """
    breaker.call(
        lambda server: server.register_script(PUSH)(keys=names, args=[pack(post_id), MAX_IDS])
    )


def start_rebuild(name: str) -> bytes | None:
    """Begin a timeline, which from now on takes what is pushed; None where there is one already.

    Raises:
        Away: Redis does not answer.
    """
    mark = READY + secrets.token_bytes(8)
    is_new = breaker.call(
        lambda server: server.register_script(BEGIN)(keys=[name], args=[mark, BUILDING_SECONDS])
    )
    return mark if is_new else None


def complete_rebuild(name: str, mark: bytes, ids: Iterable[int], *, is_complete: bool) -> None:
    """Fill the timeline that was begun under a mark with the newest ids; `is_complete` where there are no others.

    Raises:
        Away: Redis does not answer.
    """
    arguments: list[bytes | int] = [
        mark,
        MAX_IDS,
        TTL,
        READY,
        *([COMPLETE] if is_complete else []),
        *map(pack, ids),
    ]
    breaker.call(lambda server: server.register_script(FINISH)(keys=[name], args=arguments))
