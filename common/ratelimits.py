"""Rate limits in fixed windows."""

import functools
import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

P = ParamSpec("P")
_View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
# The IPv6 prefix of one household or machine.
IPV6_PREFIX = 64
UNKNOWN_ADDRESS = "unknown"
# Monitoring, pages everyone must be able to read first, and the public log.
UNLIMITED_PATHS = (
    "/healthz",
    "/readyz",
    "/robots.txt",
    "/ai-policy",
    "/data-terms",
    "/.well-known/",
    "/log/",
    "/media/",
    # Dataset files, which are limited by token.
    "/datasets/commonplace/",
)


@dataclass(frozen=True, slots=True)
class Use:
    """One counted use: its number in the window, the limit, and the seconds left."""

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
    """Count one use in the current window of `seconds`; without Redis, in this process."""
    now = int(time.time())
    key = f"limit:{name}:{who}:{now // seconds}"
    counters: Any = cache
    return Use(key, counters.add_to_counter(key, 1, seconds), limit, seconds - now % seconds)


def uncount(use: Use) -> None:
    """Uncount a use that turned out not to be limited."""
    counters: Any = cache
    counters.add_to_counter(use.key, -1, use.seconds_left)


def note_use(request: HttpRequest, use: Use) -> None:
    """Add the remaining limit to the response of a request."""
    request.counted_use = use  # type: ignore[attr-defined]


def limit_reading(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Limit anonymous page views by address, and report what is left in headers.

    The API counts for itself (`common.throttles`), because only it knows the token's owner.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if is_anonymous_reading(request):
            limit = settings.READ_LIMITS["anonymous_pages"]
            use = count_use("read-pages", client_network(request), limit=limit, seconds=60)
            note_use(request, use)
            if not use.is_within_limit:
                return with_limit_headers(too_many_requests(request, 60), use)
        response = get_response(request)
        use_noted: Use | None = getattr(request, "counted_use", None)
        return response if use_noted is None else with_limit_headers(response, use_noted)

    return middleware


def is_anonymous_reading(request: HttpRequest) -> bool:
    """Tell whether a request reads a page anonymously; a session cookie is checked."""
    if request.method not in ("GET", "HEAD") or request.path.startswith(
        ("/api/", *UNLIMITED_PATHS)
    ):
        return False
    return settings.SESSION_COOKIE_NAME not in request.COOKIES or not has_log_in(request)


def has_log_in(request: HttpRequest) -> bool:
    """Tell whether the session is authenticated, without making the response vary by cookie."""
    was_accessed = request.session.accessed
    found = SESSION_KEY in request.session
    request.session.accessed = was_accessed
    return found


def with_limit_headers(response: HttpResponseBase, use: Use) -> HttpResponseBase:
    """Set Mastodon's rate-limit headers; the reset is an ISO 8601 time."""
    resets_at = datetime.fromtimestamp(int(time.time()) + use.seconds_left, UTC)
    response["X-RateLimit-Limit"] = str(use.limit)
    response["X-RateLimit-Remaining"] = str(use.remaining)
    response["X-RateLimit-Reset"] = resets_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return response


def allow_request(name: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one use in the current window of `seconds` and tell whether it is within `limit`."""
    return count_use(name, who, limit=limit, seconds=seconds).is_within_limit


def client_network(request: HttpRequest) -> str:
    """Return the client's IPv4 address, or the /64 network of its IPv6 address.

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
    """Return the rate-limit key of a request: the user, or the address."""
    return str(request.user.pk) if request.user.is_authenticated else client_network(request)


def rate_limited(name: str, *, limit: int, seconds: int) -> Callable[[_View[P]], _View[P]]:
    """Respond 429 when a user sends more than `limit` POST requests in `seconds`."""

    def decorate(view: _View[P]) -> _View[P]:
        @functools.wraps(view)
        def limited(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method == "POST" and not allow_request(
                name, str(request.user.pk), limit=limit, seconds=seconds
            ):
                return too_many_requests(request, seconds)
            return view(request, *args, **kwargs)

        limited.is_rate_limited = True  # type: ignore[attr-defined]
        return limited

    return decorate


def too_many_requests(request: HttpRequest, seconds: int) -> HttpResponse:
    """Respond 429 with the time until the window of `seconds` ends."""
    seconds_left = seconds - int(time.time()) % seconds
    response = render(request, "429.html", {"wait": duration(seconds_left)}, status=429)
    response["Retry-After"] = str(seconds_left)
    return response


def answer_allauth_429(request: HttpRequest) -> HttpResponse:
    """Replace django-allauth's 429 response; its windows last a minute."""
    return too_many_requests(request, 60)


def duration(seconds: int) -> str:
    """Format a waiting time, rounded up: seconds, then minutes, then hours."""
    for name, size in (("second", 1), ("minute", 60), ("hour", 3600)):
        count = -(-seconds // size)
        if count < 60 or name == "hour":
            break
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
