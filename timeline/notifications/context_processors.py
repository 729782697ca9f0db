import functools
from collections.abc import Callable

from django.http import HttpRequest

from timeline.notifications.selectors import MAX_UNREAD_COUNTED, unread_count


def unread_notifications(request: HttpRequest) -> dict[str, Callable[[], str]]:
    """Provide the unread count lazily, so that pages without it run no query."""
    return {"unread_notifications": functools.cache(lambda: unread_label(request))}


def unread_label(request: HttpRequest) -> str:
    """Return the unread count as a short label; empty for none."""
    if not hasattr(request, "user") or request.user.is_anonymous:
        return ""
    count = unread_count(request.user)
    if count >= MAX_UNREAD_COUNTED:
        return f"{MAX_UNREAD_COUNTED - 1}+"
    return str(count) if count else ""
