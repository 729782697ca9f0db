import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

P = ParamSpec("P")
_View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def safe_referrer(request: HttpRequest) -> str | None:
    """Return the page of this site that a form was sent from."""
    return page_of_this_site(request, request.headers.get("Referer", ""))


def page_of_this_site(request: HttpRequest, address: str) -> str | None:
    """Return a URL if it is a path or URL of this site.

    Django's `redirect()` takes a word without a slash for a view name.
    """
    is_address = address.startswith(("/", "http://", "https://"))
    host = request.get_host()
    if not is_address or not url_has_allowed_host_and_scheme(
        address, {host}, require_https=request.is_secure()
    ):
        return None
    return address


def safe_next_url(request: HttpRequest) -> str | None:
    """Return a safe `next` URL on this site."""
    return page_of_this_site(request, request.GET.get("next", ""))


def login_required_post(view: _View[P]) -> _View[P]:
    """Require POST and authentication; after log-in people return to the page they were on."""

    @functools.wraps(view)
    def act(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_anonymous:
            return redirect_to_login(safe_referrer(request) or resolve_url("timeline:home"))
        return view(request, *args, **kwargs)

    return require_POST(act)
