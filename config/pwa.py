"""Web app manifest (W3C) and service worker, which make the site installable."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

BACKGROUND_COLOR = "#f6f2e9"
# What the offline page needs.
OFFLINE_FILES = [
    "css/tokens.css",
    "css/base.css",
    "css/layout.css",
    "css/button.css",
    "css/alert.css",
]
_fresh = cache_control(public=True, max_age=3600)


@require_safe
@_fresh
def manifest(request: HttpRequest) -> JsonResponse:
    icons = [
        {"src": static("img/icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {
            "src": static("img/icon-maskable.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
        {"src": static("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
    ]
    data = {
        "id": "/",
        "name": "Commonplace",
        "short_name": "Commonplace",
        "description": gettext(
            "A public microblog whose posts become AI training data"
            " only while their authors say so."
        ),
        "lang": "en",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": BACKGROUND_COLOR,
        "theme_color": BACKGROUND_COLOR,
        "icons": icons,
        "shortcuts": [
            {"name": gettext("New post"), "url": reverse("posts:compose")},
            {"name": gettext("Notifications"), "url": reverse("timeline:notifications")},
        ],
    }
    return JsonResponse(data, content_type="application/manifest+json")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Serve the script from the root: the scope of a service worker is below its own address."""
    files = [static(name) for name in OFFLINE_FILES]
    return render(
        request,
        "service_worker.js",
        {"files": files},
        content_type="text/javascript; charset=utf-8",
    )


@require_safe
@_fresh
def offline(request: HttpRequest) -> HttpResponse:
    """Return the page that the service worker stores, the same for all users."""
    return render(request, "offline.html")
