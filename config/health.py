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
    """Answer that this process runs."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when this process can serve: the database answers and the disk has room; else 503.

    Without Redis or a worker, pages are served all the same: `/healthz/workers` tells of those.
    """
    return answer({"database": database_answers(), "disk": disk_has_room()})


@never_cache
@require_safe
def workers(request: HttpRequest) -> JsonResponse:
    """Answer 200 when Redis answers and each queue has a worker that takes tasks, else 503; name each."""
    if not redis_answers():
        return answer({"redis": False, **dict.fromkeys(QUEUES, False)})
    return answer({"redis": True, **list_live_queues(QUEUES)})


def answer(checks: dict[str, bool]) -> JsonResponse:
    is_ready = all(checks.values())
    body = {"status": "ok" if is_ready else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if is_ready else 503)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def disk_has_room() -> bool:
    """Say whether there is room for what people send, where that is kept on a disk of this machine."""
    if settings.MEDIA_STORAGE_URL:
        return True
    place = Path(settings.MEDIA_ROOT)
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free >= settings.MIN_FREE_DISK_BYTES


def redis_answers() -> bool:
    try:
        cache.has_key("readyz")
    except redis.RedisError:
        return False
    return True
