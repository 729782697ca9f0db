"""Log of downloads, and their rate limit per token."""

import time
from datetime import datetime

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.models import AccessToken
from common.ratelimits import allow_request
from dataset_export.models import AccessRequest, Download, Snapshot

REQUESTS, DOWNLOAD_WINDOW_SECONDS = 5000, 300


def log_download(
    *,
    grant: AccessRequest,
    token: AccessToken | None,
    snapshot: Snapshot,
    path: str,
    bytes_asked: int,
    status: int,
    at: datetime | None = None,
) -> None:
    """Log the start of a download, in one INSERT."""
    Download.objects.create(
        at=at or timezone.now(),
        access=grant,
        user_id=grant.user_id,
        token_name=token.name if token else "",
        snapshot=snapshot,
        path=path,
        bytes_asked=bytes_asked,
        status=status,
    )


class DownloadThrottle(BaseThrottle):
    """Respond 429 when a token sends more than REQUESTS file requests in SECONDS.

    Parquet readers send a request per range, so the limit is far above what a loader needs.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        token = request.auth
        who = f"token-{token.pk}" if isinstance(token, AccessToken) else f"person-{request.user.pk}"
        return allow_request("download", who, limit=REQUESTS, seconds=DOWNLOAD_WINDOW_SECONDS)

    def wait(self) -> float:
        return DOWNLOAD_WINDOW_SECONDS - time.time() % DOWNLOAD_WINDOW_SECONDS
