"""Rate limits: how often somebody may do something in a fixed window of time."""

import functools
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
# What one household or machine has of IPv6.
IPV6_PREFIX = 64
UNKNOWN_ADDRESS = "unknown"


@dataclass(frozen=True, slots=True)
class Use:
    """One counted use: which it is in its window, how many there may be, and in how many seconds the window ends."""

    key: str
    number: int
    limit: int
    seconds_left: int

    @property
    def is_within_limit(self) -> bool:
        return self.number <= self.limit

    @property
    def remaining(self) -> int:
        return max(self.limit - self.number, 0)


def count_use(name: str, who: str, *, limit: int, seconds: int) -> Use:
    """Count one use in the present window of `seconds`; with Redis away it is counted in this process."""
    now = int(time.time())
    key = f"limit:{name}:{who}:{now // seconds}"
    counters: Any = cache
    return Use(key, counters.add_to_counter(key, 1, seconds), limit, seconds - now % seconds)


def uncount(use: Use) -> None:
    """Take one use back that turned out to be none of those that are limited."""
    counters: Any = cache
    counters.add_to_counter(use.key, -1, use.seconds_left)


def is_within_limit(name: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one use in the present window of `seconds`, and say whether it is still one of `limit`."""
    return count_use(name, who, limit=limit, seconds=seconds).is_within_limit


def client_network(request: HttpRequest) -> str:
    """Return under which address a client is counted: its IPv4 address, or the /64 network of its IPv6 address.

    The address is the one before the trusted proxies (`TRUSTED_PROXIES`).
    """
    try:
        address = ipaddress.ip_address(str(get_adapter().get_client_ip(request)))
    except (PermissionDenied, ImproperlyConfigured, ValueError):
        return UNKNOWN_ADDRESS
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False).network_address)


def who_asks(request: HttpRequest) -> str:
    """Return whose requests are counted together: those of a signed-in person, or those from one address."""
    return str(request.user.pk) if request.user.is_authenticated else client_network(request)


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
    """Say that it was too often, and when the window of `seconds` ends."""
    seconds_left = seconds - int(time.time()) % seconds
    response = render(request, "429.html", {"wait": duration(seconds_left)}, status=429)
    response["Retry-After"] = str(seconds_left)
    return response


def answer_allauth_429(request: HttpRequest) -> HttpResponse:
    """Answer in place of django-allauth, whose windows on its forms are a minute long."""
    return too_many_requests(request, 60)


def duration(seconds: int) -> str:
    """Write a time to wait in words, rounded up: seconds below a minute, then minutes, then hours."""
    for name, size in (("second", 1), ("minute", 60), ("hour", 3600)):
        count = -(-seconds // size)
        if count < 60 or name == "hour":
            break
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
