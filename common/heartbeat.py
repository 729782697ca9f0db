import time

from django.core.cache import cache

KEY = "worker-heartbeat"
LIFETIME_SECONDS = 60


def beat() -> None:
    """Note in Redis that a worker ran just now; the note fades after a minute."""
    cache.set(KEY, time.time(), LIFETIME_SECONDS)


def worker_is_alive() -> bool:
    """Say whether a worker ran within the last minute."""
    return cache.get(KEY) is not None
