import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def came_from(request: HttpRequest) -> str | None:
    """Return the page of this site that a form was sent from."""
    address = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return None
    return address


def asked_for_next(request: HttpRequest) -> str | None:
    """Return the page of this site that an address names as the one to go on to."""
    address = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return None
    return address


def signed_in_act(view: View[P]) -> View[P]:
    """Take POST only, from those who are signed in; others return, once they are, to the page they were on."""

    @functools.wraps(view)
    def act(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_anonymous:
            return redirect_to_login(came_from(request) or resolve_url("timeline:home"))
        return view(request, *args, **kwargs)

    return require_POST(act)
