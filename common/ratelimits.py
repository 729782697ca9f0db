import functools
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec

import redis
import structlog
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
log = structlog.get_logger()


def is_within_limit(name: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one use in the present window of `seconds`; with Redis away nothing is counted and all pass."""
    key = f"limit:{name}:{who}:{int(time.time()) // seconds}"
    try:
        cache.add(key, 0, seconds)
        return bool(cache.incr(key) <= limit)
    except ValueError:
        return True
    except redis.RedisError:
        log.warning("rate limit not counted", limit=name)
        return True


def rate_limited(name: str, *, limit: int, seconds: int) -> Callable[[View[P]], View[P]]:
    """Answer 429 when a signed-in person sends more than `limit` POST requests in `seconds`."""

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def limited(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method == "POST" and not is_within_limit(
                name, str(request.user.pk), limit=limit, seconds=seconds
            ):
                return too_many_requests(request, seconds)
            return view(request, *args, **kwargs)

        limited.is_rate_limited = True  # type: ignore[attr-defined]
        return limited

    return decorate


def too_many_requests(request: HttpRequest, seconds: int) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(seconds - int(time.time()) % seconds)
    return response
