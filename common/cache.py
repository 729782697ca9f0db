from typing import Any

import redis
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

# Prefixes of rate-limit counters: ours (`common.ratelimits`) and django-allauth's.
COUNTER_PREFIXES = ("limit:", "allauth:rl:")
MAX_COUNTERS = 50_000


class FailOpenRedisCache(RedisCache):
    """Redis cache that fails open: without Redis, reads miss and writes are dropped.

    Rate-limit counters fall back to each process's memory: a limit is then multiplied by the number
    of web processes, but still a limit. Other values are not kept, because processes would not see
    each other's changes. has_key(), which the health check uses, still raises.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        # Instances with this name share one store in a process.
        self._counters = LocMemCache("rate-limits", {"OPTIONS": {"MAX_ENTRIES": MAX_COUNTERS}})

    def add(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(super().add(key, *args, **kwargs))
        except redis.RedisError:
            return self._counters.add(key, *args, **kwargs) if is_counter(key) else True

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except redis.RedisError:
            return self._counters.get(key, default, version) if is_counter(key) else default

    def set(self, key: Any, *args: Any, **kwargs: Any) -> None:
        try:
            super().set(key, *args, **kwargs)
        except redis.RedisError:
            if is_counter(key):
                self._counters.set(key, *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        try:
            return super().get_many(*args, **kwargs)
        except redis.RedisError:
            return {}

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        try:
            return super().set_many(*args, **kwargs)
        except redis.RedisError:
            return []

    def delete(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(super().delete(key, *args, **kwargs))
        except redis.RedisError:
            return self._counters.delete(key, *args, **kwargs) if is_counter(key) else False

    def clear(self) -> None:
        self._counters.clear()
        super().clear()

    def add_to_counter(self, key: str, number: int, timeout: int) -> int:
        """Add to a counter that expires after `timeout` seconds and return its value, in one round
        trip.
        """
        try:
            made_key = self.make_and_validate_key(key)
            pipeline = self._cache.get_client(key, write=True).pipeline(transaction=False)
            pipeline.incrby(made_key, number)
            pipeline.expire(made_key, timeout)
            return int(pipeline.execute()[0])
        except redis.RedisError:
            self._counters.add(key, 0, timeout)
            return int(self._counters.incr(key, number))


def is_counter(key: Any) -> bool:
    return str(key).startswith(COUNTER_PREFIXES)
