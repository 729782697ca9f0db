import time

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from common.ratelimits import is_within_limit


class WriteLimit(BaseThrottle):
    """Answer 429 when a person's programs write more than `limit` times in `seconds`."""

    name: str
    limit: int
    seconds: int

    def allow_request(self, request: Request, view: APIView) -> bool:
        if request.method in SAFE_METHODS:
            return True
        return is_within_limit(self.name, str(request.user.pk), limit=self.limit, seconds=self.seconds)

    def wait(self) -> float:
        return self.seconds - time.time() % self.seconds
