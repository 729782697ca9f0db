from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


def is_htmx_partial(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a fragment (not for a boosted or restored page)."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_partial(
    request: HttpRequest, page: str, part: str, context: dict[str, Any]
) -> HttpResponse:
    """Render the template `part` for htmx and the whole `page` otherwise."""
    response = render(request, part if is_htmx_partial(request) else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
