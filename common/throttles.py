"""Rate limits of the API as REST framework throttles, with headers for what is left."""

from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from common.ratelimits import client_network, count_use, note_use

if TYPE_CHECKING:
    # The framework resolves the throttles in settings when views are imported.
    from rest_framework.views import APIView


class Limit(BaseThrottle):
    """Respond 429 to more than `limit` requests in `seconds`."""

    name: str
    limit: int
    seconds: int
    seconds_left = 0

    def who_asks(self, request: Request) -> str:
        """Return the rate-limit key of a request."""
        return (
            str(request.user.pk)
            if request.user.is_authenticated
            else client_network(request._request)
        )

    def is_counted(self, request: Request) -> bool:
        return True

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if not self.is_counted(request):
            return True
        use = count_use(self.name, self.who_asks(request), limit=self.limit, seconds=self.seconds)
        note_use(request._request, use)
        self.seconds_left = use.seconds_left
        return use.is_within_limit

    def wait(self) -> float:
        return self.seconds_left


class WriteRateThrottle(Limit):
    """Respond 429 when a user's apps write more than `limit` times in `seconds`."""

    def is_counted(self, request: Request) -> bool:
        return request.method not in SAFE_METHODS


class ReadLimit(Limit):
    """Respond 429 to more reads per minute than READ_LIMITS allows, by user or address."""

    name, seconds = "read-api", 60

    def allow_request(self, request: Request, view: "APIView") -> bool:
        self.limit = settings.READ_LIMITS[
            "account" if request.user.is_authenticated else "anonymous_api"
        ]
        return super().allow_request(request, view)
