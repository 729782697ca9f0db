import shutil
from pathlib import Path

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.heartbeat import list_live_queues
from config.queues import QUEUES


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Return 200: this process runs."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Return 200 if the database answers and the disk has room, else 503.

    Pages are served without Redis and workers: `/healthz/workers` reports on those.
    """
    return build_response({"database": is_database_up(), "disk": has_disk_space()})


@never_cache
@require_safe
def healthz_workers(request: HttpRequest) -> JsonResponse:
    """Return 200 if Redis answers and each queue has a live worker, else 503."""
    if not is_redis_up():
        return build_response({"redis": False, **dict.fromkeys(QUEUES, False)})
    return build_response({"redis": True, **list_live_queues(QUEUES)})


def build_response(checks: dict[str, bool]) -> JsonResponse:
    is_ready = all(checks.values())
    body = {"status": "ok" if is_ready else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if is_ready else 503)


def is_database_up() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def has_disk_space() -> bool:
    """Return whether the disk has room for uploads; True if they go to a bucket."""
    if settings.MEDIA_STORAGE_URL:
        return True
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free >= settings.MIN_FREE_DISK_BYTES


def is_redis_up() -> bool:
    try:
        cache.has_key("readyz")
    except redis.RedisError:
        return False
    return True
