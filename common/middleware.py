from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def refuse_nul(get_response: GetResponse) -> GetResponse:
    """Answer 404 to addresses with a NUL, which PostgreSQL takes in no text."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info:
            raise Http404("There is no such address.")
        return get_response(request)

    return middleware


class CompressedPages(GZipMiddleware):
    """Send pages compressed to browsers that take it: a timeline shrinks to an eighth.

    Files of data sets are compressed already, and clients ask for their bytes by place. Django makes the length of a
    page random by up to a hundred bytes, so that it tells nothing of a secret in it (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response
