"""Redis store of home timelines: candidate ids for recently active users.

A timeline is a sorted set whose members all have the score 0, ordered by their bytes: 8-byte ids.
Scores would be doubles, which cannot hold an id. It is disposable at any time.
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
# A rebuild older than this has died.
BUILDING_SECONDS = 60
# Redis responds within milliseconds or not at all; while down it is probed rarely.
TIMEOUT_SECONDS = 0.25
RETRY_AFTER = 5

# Sentinel above all ids: the timeline has the newest ids without a gap.
READY = b"\xff" * 8
# Sentinel below all ids: the timeline is complete.
COMPLETE = b"\x00" * 8

# Keep READY and the highest ids; COMPLETE is trimmed first.
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
# The rebuild token is still there, so no push was missed. Older pushes meanwhile would leave a gap
# above them.
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
    """Redis does not respond."""


@dataclass(frozen=True, slots=True)
class CachedIds:
    """Ids below a cursor, highest first; `is_last` if there are none below anywhere."""

    ids: list[int]
    is_last: bool


@dataclass(slots=True)
class CircuitBreaker:
    """Circuit breaker: avoids waiting for an unavailable server again and again."""

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
    """Return the key of a timeline; incrementing the version abandons the old one."""
    return f"home:{user_id}:{epoch}"


def pack(post_id: int) -> bytes:
    return post_id.to_bytes(8, "big")


def read_ids(name: str, *, below: int | None, limit: int) -> CachedIds | None:
    """Return the next ids of a timeline; None if it is missing or incomplete.

    Raises:
        RedisUnavailableError: Redis does not respond.
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
    """Add an id to existing timelines.

    Raises:
        RedisUnavailableError: Redis does not respond.
    """
    breaker.call(
        lambda server: server.register_script(PUSH)(keys=names, args=[pack(post_id), MAX_IDS])
    )


def start_rebuild(name: str) -> bytes | None:
    """Start a rebuild, which receives pushes from now on; None if there is a timeline.

    Raises:
        RedisUnavailableError: Redis does not respond.
    """
    mark = READY + secrets.token_bytes(8)
    is_new = breaker.call(
        lambda server: server.register_script(BEGIN)(keys=[name], args=[mark, BUILDING_SECONDS])
    )
    return mark if is_new else None


def complete_rebuild(name: str, mark: bytes, ids: Iterable[int], *, is_complete: bool) -> None:
    """Fill the rebuilt timeline with the newest ids; `is_complete` if there are no others.

    Raises:
        RedisUnavailableError: Redis does not respond.
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
