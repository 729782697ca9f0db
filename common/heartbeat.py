import time
from collections.abc import Iterable

from django.core.cache import cache

LIFETIME_SECONDS = 60


def record_heartbeat(queue: str) -> None:
    """Record in Redis that a worker took a task from a queue; expires after a minute."""
    cache.set(key_of(queue), time.time(), LIFETIME_SECONDS)


def list_live_queues(queues: Iterable[str]) -> dict[str, bool]:
    """Return for each queue whether a worker took a task from it within the last minute."""
    names = list(queues)
    beats = cache.get_many([key_of(name) for name in names])
    return {name: key_of(name) in beats for name in names}


def key_of(queue: str) -> str:
    return f"worker-heartbeat:{queue}"
