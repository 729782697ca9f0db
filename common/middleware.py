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
# Features that pages and their frames never use.
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
    """Set the Permissions-Policy header on every response."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return middleware


def name_visitor(get_response: _GetResponse) -> _GetResponse:
    """Attach the visitor's address to security events of the request."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        with remember_request(request):
            return get_response(request)

    return middleware


class RefuseUnreadableText:
    """Reject text that no form of this site sends, with a message instead of a 500.

    PostgreSQL stores no NUL. Forms and serializers reject it at the field; this catches queries
    that use parameters directly. Encodings other than UTF-8 could smuggle in surrogates, which
    cannot be stored or sent.
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
        # Cookies name a session or a choice; with a NUL they name none.
        for name in [name for name, value in request.COOKIES.items() if "\x00" in name + value]:
            del request.COOKIES[name]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, DataError | ValueError) and holds_nul(request):
            raise BadRequest("Leave out the NUL characters.") from exception


def holds_nul(request: HttpRequest) -> bool:
    """Tell whether a query or form field contains a NUL, in its name or value."""
    fields = [*request.GET.lists(), *request.POST.lists()]
    return any("\x00" in text for name, values in fields for text in (name, *values))


class HTMLCompressionMiddleware(HttpCompressionMiddleware):
    """Compress pages (zstd, Brotli or gzip): a timeline shrinks to an eighth.

    Pages only: dataset files are compressed already, and clients read byte ranges of them. A header
    of random length hides the page's length, and so the secrets in it (BREACH).
    """

    content_type_re = re.compile("text/html")


def build_addresses_from_site_url(get_response: _GetResponse) -> _GetResponse:
    """Make `request.build_absolute_uri()` start with SITE_URL.

    Django derives host, port and scheme from the request, so an attacker could choose them in
    someone's password-reset mail. Our code, Django, django-allauth and REST framework all use this
    method.
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
    """Set Cache-Control: responses for a user are not stored unless their view says otherwise.

    `no-store` also keeps pages out of the back/forward cache, where the next person on the machine
    would find them after log-out.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            keeping = "no_store" if is_for_somebody(request, response) else "no_cache"
            patch_cache_control(response, private=True, **{keeping: True})
            patch_vary_headers(response, ["Authorization" if is_api(request.path) else "Cookie"])
        if ends_session(response):
            # Log-out clears what the browser stored while logged in.
            response["Clear-Site-Data"] = '"cache"'
        return response

    return middleware


def is_for_somebody(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Tell whether a response may depend on the user. The cookie decides, without a query."""
    name = settings.SESSION_COOKIE_NAME
    return name in request.COOKIES or name in response.cookies or "Authorization" in request.headers


def ends_session(response: HttpResponseBase) -> bool:
    cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie is not None and cookie["max-age"] == 0


# Public endpoints for programs and other sites, which ignore cookies.
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
    """Allow cross-origin reads of public endpoints (CORS, Fetch standard), without cookies.

    The API authenticates by token only, so a page elsewhere gains nothing.
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
