"""Complete names and tags as somebody types them."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts.views.profile import current_user
from common.ratelimits import allow_request, too_many_requests
from posts import selectors

LIMIT, _SECONDS = 300, 60


def suggest_users(request: HttpRequest) -> HttpResponse:
    return suggestions(
        request,
        lambda begun: [
            {"value": person.username, "label": person.name, "detail": f"@{person.username}"}
            for person in selectors.suggested_people(begun, current_user(request))
        ],
    )


def suggest_hashtags(request: HttpRequest) -> HttpResponse:
    return suggestions(
        request,
        lambda begun: [
            {"value": tag.label, "label": f"#{tag.label}", "detail": ""}
            for tag in selectors.suggested_tags(begun)
        ],
    )


@require_safe
def suggestions(request: HttpRequest, find: Callable[[str], list[dict[str, Any]]]) -> HttpResponse:
    """Answer with what `?q=` may become, for those who are signed in and do not ask all the time."""
    if request.user.is_anonymous:
        return JsonResponse({"error": "Log in first."}, status=401)
    if not allow_request("suggest", str(request.user.pk), limit=LIMIT, seconds=_SECONDS):
        return too_many_requests(request, _SECONDS)
    response = JsonResponse({"found": find(request.GET.get("q", "")[:100].replace("\x00", ""))})
    response["Cache-Control"] = "private, max-age=60"
    return response
