"""The limit of pages: their templates and their data, and no database."""

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from accounts.models import User
from common.htmx import render_partial
from posts.forms.compose import PostForm
from posts.presentation.composer import render_composer

# The environment variable with the path of the pickled pages.
PAGES = "BENCHMARK_PAGES"


@dataclass(frozen=True, slots=True)
class Kept:
    """Who asked for a page, and what its view gave to which template."""

    user: User
    template: str
    context: dict[str, Any]


# By the session and the address.
Pages = dict[tuple[str, str], Kept]


class FromMemory:
    """Stand in for sessions, log-in and views; everything else is the site's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        kept = kept_for(request)
        if kept is not None:
            request.user = kept.user
            request.session = SessionBase()
            request.session[SESSION_KEY] = str(kept.user.pk)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        kept = kept_for(request)
        if kept is None:
            return None
        return render_partial(
            request, kept.template, kept.template, {**kept.context, **made_anew(request, kept)}
        )


def made_anew(request: HttpRequest, kept: Kept) -> dict[str, Any]:
    """Return what a view makes for each request, and without the database: composers."""
    new: dict[str, Any] = {}
    if "composer" in kept.context:
        new["composer"] = render_composer(request)
    if "form" in kept.context:
        new["form"] = PostForm(parent=kept.context["post"])
    return new


def kept_for(request: HttpRequest) -> Kept | None:
    return pages().get(
        (request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), request.get_full_path())
    )


@cache
def pages() -> Pages:
    return dict(pickle.loads(Path(os.environ[PAGES]).read_bytes()))
