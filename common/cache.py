from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, which with Redis away is like an empty one to those who read and write values.

    So people can log in while Redis is away, where the limits of the log-in form are kept. What counts, such as
    incr(), and has_key(), by which health is asked, still raise.
    """

    def add(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(super().add(*args, **kwargs))
        except redis.RedisError:
            return True

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except redis.RedisError:
            return default

    def set(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().set(*args, **kwargs)
        except redis.RedisError:
            return

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

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(super().delete(*args, **kwargs))
        except redis.RedisError:
            return False
