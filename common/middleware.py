import codecs
import re
from collections.abc import Callable
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers
from django_http_compression.middleware import HttpCompressionMiddleware

from common.security_log import remember_request

_GetResponse = Callable[[HttpRequest], HttpResponseBase]
# What a page of this site never asks a browser for, and no frame in it may.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


def set_permissions_policy(get_response: _GetResponse) -> _GetResponse:
    """Send the Permissions-Policy with every answer."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return middleware


def name_visitor(get_response: _GetResponse) -> _GetResponse:
    """Let the security log say from which address an event of this request came."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with remember_request(request):
            return get_response(request)

    return middleware


class RefuseUnreadableText:
    """Answer in words, never with an error of ours, to text that no form of ours sends.

    PostgreSQL takes a NUL in no text. Forms and serializers say so at the field; what reached a query past them is
    refused here. An encoding other than UTF-8 could bring half a surrogate pair, which can be neither stored nor sent.
    """

    ENCODINGS = ("utf-8", "ascii")

    def __init__(self, get_response: _GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info:
            raise Http404("There is no such address.")
        if (
            request.encoding is not None
            and codecs.lookup(request.encoding).name not in self.ENCODINGS
        ):
            raise BadRequest("Send text in UTF-8.")
        # They name a session or a choice; with a NUL they name none.
        for name in [name for name, value in request.COOKIES.items() if "\x00" in name + value]:
            del request.COOKIES[name]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, DataError | ValueError) and holds_nul(request):
            raise BadRequest("Leave out the NUL characters.") from exception


def holds_nul(request: HttpRequest) -> bool:
    """Say whether a field of the query or of the form that was sent has a NUL, in its name or in a value."""
    fields = [*request.GET.lists(), *request.POST.lists()]
    return any("\x00" in text for name, values in fields for text in (name, *values))


class HTMLCompressionMiddleware(HttpCompressionMiddleware):
    """Compress pages (zstd, Brotli or gzip): a timeline shrinks to an eighth.

    Pages only, because dataset files are compressed already and clients read byte ranges of them.
    A header of random length hides the length of a page, and so the secrets in it (BREACH).
    """

    content_type_re = re.compile("text/html")


def build_addresses_from_site_url(get_response: _GetResponse) -> _GetResponse:
    """Make `request.build_absolute_uri()` begin with SITE_URL, whoever calls it.

    Django takes host, port and scheme from the request, where whoever asks for somebody's password-reset mail can
    choose them. Our own code and that of Django, django-allauth and REST framework all go through this one method.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        def build_absolute_uri(location: str | None = None) -> str:
            page = f"{settings.SITE_URL}{request.path}"
            return (
                urljoin(page, str(location))
                if location is not None
                else settings.SITE_URL + request.get_full_path()
            )

        request.build_absolute_uri = build_absolute_uri  # type: ignore[method-assign]
        return get_response(request)

    return middleware


def keep_private(get_response: _GetResponse) -> _GetResponse:
    """Say of each answer who may keep it: nobody keeps what was made for somebody, unless its view says otherwise.

    `no-store` also keeps the page out of the browser's back/forward cache, where the next person at the same machine
    would find it after the log-out.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            keeping = "no_store" if is_for_somebody(request, response) else "no_cache"
            patch_cache_control(response, private=True, **{keeping: True})
            patch_vary_headers(response, ["Authorization" if is_api(request.path) else "Cookie"])
        if ends_session(response):
            # What this site sent while somebody was logged in leaves the browser with them.
            response["Clear-Site-Data"] = '"cache"'
        return response

    return middleware


def is_for_somebody(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Say whether an answer may be about who asked; the cookie is enough, as asking the database is not worth it."""
    name = settings.SESSION_COOKIE_NAME
    return name in request.COOKIES or name in response.cookies or "Authorization" in request.headers


def ends_session(response: HttpResponseBase) -> bool:
    cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie is not None and cookie["max-age"] == 0


# What programs read, and pages of other sites too; nothing of it looks at cookies.
API_PATHS = ("/api/", "/datasets/commonplace/")
SHARED_PATHS = (*API_PATHS, "/log/", "/.well-known/", "/robots.txt", "/oembed")
CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(
        [
            "Link",
            "ETag",
            "Last-Modified",
            "Content-Range",
            "Content-Length",
            "Content-Disposition",
            "Accept-Ranges",
            "Location",
            "Retry-After",
            "WWW-Authenticate",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
            "X-Repo-Commit",
            "X-Linked-Size",
            "X-Linked-Etag",
            "X-Error-Code",
            "X-Error-Message",
            "X-Request-Id",
            "Content-Usage",
        ]
    ),
}
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, Accept, Idempotency-Key, Range, If-Range, If-None-Match, If-Modified-Since, "
        "X-Requested-With"
    ),
    "Access-Control-Max-Age": "86400",
}


def is_api(path: str) -> bool:
    return path.startswith(API_PATHS)


def share_with_other_origins(get_response: _GetResponse) -> _GetResponse:
    """Let pages of other sites read what is public to programs (Fetch standard, CORS), never with cookies.

    The API knows people by the token that is sent to it, so that a page elsewhere gets no more than it knows itself.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(SHARED_PATHS) or request.path == "/log/":
            return get_response(request)
        is_preflight = request.method == "OPTIONS" and "Origin" in request.headers
        response = HttpResponse(status=204) if is_preflight else get_response(request)
        for name, value in {
            **CORS_HEADERS,
            **(PREFLIGHT_HEADERS if request.method == "OPTIONS" else {}),
        }.items():
            response[name] = value
        return response

    return middleware
