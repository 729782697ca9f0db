from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


def asks_for_part(request: HttpRequest) -> bool:
    """Say whether htmx asks for a piece of the page (not for a whole one it boosts or restores)."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page_or_part(request: HttpRequest, page: str, part: str, context: dict[str, Any]) -> HttpResponse:
    """Render template `part` for htmx and the whole `page` for everyone else."""
    response = render(request, part if asks_for_part(request) else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
