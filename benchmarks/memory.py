"""The limit of a page: its template and its data, and no database."""

import os
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from accounts.models import User
from common.pagination import Page
from posts.composer import fresh_composer
from posts.models import Post
from timeline.views import feed_page

# The environment variable with the path of the pickled pages.
PAGES = "BENCHMARK_PAGES"
# Whose session has which page.
Pages = dict[str, tuple[User, Page[Post]]]


class FromMemory:
    """Stand in for sessions, log-in and the view of `/`; everything else is the site's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = pages().get(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
        if user:
            request.user, _ = user
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        found = pages().get(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))
        if not found:
            return None
        return feed_page(request, "timeline/home.html", {"page": found[1], "composer": fresh_composer(request)})


@cache
def pages() -> Pages:
    return dict(pickle.loads(Path(os.environ[PAGES]).read_bytes()))
