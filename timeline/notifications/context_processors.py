import functools
from collections.abc import Callable

from django.http import HttpRequest

from timeline.notifications.selectors import MAX_UNREAD_COUNTED, unread_count


def unread_notifications(request: HttpRequest) -> dict[str, Callable[[], str]]:
    """Give each page the count for its navigation, which asks the database only where it is shown."""
    return {"unread_notifications": functools.cache(lambda: unread_label(request))}


def unread_label(request: HttpRequest) -> str:
    """Return how many notifications are unread, in words for a small place; nothing where there are none."""
    if not hasattr(request, "user") or request.user.is_anonymous:
        return ""
    count = unread_count(request.user)
    if count >= MAX_UNREAD_COUNTED:
        return f"{MAX_UNREAD_COUNTED - 1}+"
    return str(count) if count else ""
