"""Error pages: JSON for programs, HTML for people."""

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from common.api_errors import NOTHING_HERE, OF_SHORTCUT
from common.middleware import is_api

_UNREADABLE = "This request cannot be read."


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_api(request.path):
        return defaults.bad_request(request, exception)
    sentence = str(exception) if isinstance(exception, BadRequest) else _UNREADABLE
    return JsonResponse({"error": sentence}, status=400)


def page_not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    """Answer 404 for missing objects and unknown URLs."""
    if not is_api(request.path):
        return defaults.page_not_found(request, exception)
    said = exception.args[0] if exception.args else ""
    is_sentence = isinstance(said, str) and said and not OF_SHORTCUT.fullmatch(said)
    return JsonResponse({"error": said if is_sentence else NOTHING_HERE}, status=404)
