"""How many home pages a second: 20 posts out of 100,000, with 100,000 follows.

The limit is the same template with the same data and the same middleware, out of memory: see memory.py. Both servers
run as `make run` starts one, and are asked in turns, so that a disturbed moment hits both.

The client, the web server and PostgreSQL share the machine's cores. That makes both figures smaller than a client on
another machine would see, and the ratio a little too high rather than too low, as the client's own work counts on
both sides.
"""

import http.client
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from benchmarks import web, world
from benchmarks.figures import Figure
from benchmarks.memory import PAGES, Pages
from benchmarks.place import say
from timeline.selectors import home_timeline
from timeline.views import feed

POSTS = 100_000
FOLLOWS = 100_000
VIEWERS = 50
CONNECTIONS = 4
ROUNDS = 5
ROUND_SECONDS = 2.0
WARM_UP_SECONDS = 1.5
MOST_QUERIES = 8
CSRF_COOKIE = "csrftoken=" + "k" * 32
# What differs between two renderings of one page.
RANDOM = re.compile(rb'(csrfmiddlewaretoken" value=|X-CSRFToken": |publish_key" value=)"[^"]*"')


def measure(folder: Path) -> Iterator[Figure]:
    """Ask for the home pages of people who follow few, some and many others."""
    world.fill(posts=POSTS, follows=FOLLOWS)
    viewers = chosen_viewers()
    sessions = {session_of(viewer): viewer for viewer in viewers}
    pages = folder / "pages.pickle"
    pages.write_bytes(pickle.dumps(pages_of(sessions)))
    site, limit = rates(folder, pages, list(sessions))
    yield Figure("home_page", site, "requests/s", limit)
    yield Figure("home_page_queries", max(map(queries, viewers)), "queries", MOST_QUERIES)


def chosen_viewers() -> list[User]:
    """Return people spread evenly over the order of how many they follow."""
    ordered = list(User.objects.annotate(size=Count("follows")).filter(size__gt=0).order_by("size", "pk"))
    viewers = [ordered[place * (len(ordered) - 1) // (VIEWERS - 1)] for place in range(VIEWERS)]
    sizes = [viewer.size for viewer in viewers]  # type: ignore[attr-defined]
    say(f"viewers follow {sizes[0]} to {sizes[-1]} people, {median(sizes):.0f} in the middle")
    return viewers


def session_of(viewer: User) -> str:
    client = Client()
    client.force_login(viewer, "django.contrib.auth.backends.ModelBackend")
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def pages_of(sessions: dict[str, User]) -> Pages:
    return {session: (viewer, feed(request_by(viewer), home_timeline(viewer))) for session, viewer in sessions.items()}


def request_by(viewer: User):
    request = RequestFactory().get("/")
    request.user = viewer
    return request


def queries(viewer: User) -> int:
    """Count the queries of one home page, session and all."""
    client = Client()
    client.force_login(viewer, "django.contrib.auth.backends.ModelBackend")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get("/", headers={"host": "127.0.0.1"})
    return len(captured)


def rates(folder: Path, pages: Path, sessions: list[str]) -> tuple[float, float]:
    """Return requests per second of the site and of the limit, the medians of rounds that take turns."""
    cookies = [f"{settings.SESSION_COOKIE_NAME}={session}; {CSRF_COOKIE}" for session in sessions]
    memory = {"DJANGO_SETTINGS_MODULE": "benchmarks.memory_settings", PAGES: str(pages)}
    with web.web_server(folder) as (site, _), web.web_server(folder, **memory) as (limit, _):
        require_same_pages(site, limit, cookies)
        for port in (site, limit):
            web.requests_per_second(port, cookies, WARM_UP_SECONDS, CONNECTIONS)
        rounds = [
            tuple(web.requests_per_second(port, cookies, ROUND_SECONDS, CONNECTIONS) for port in (site, limit))
            for _ in range(ROUNDS)
        ]
    say("site and limit by round: " + ", ".join(f"{one:.0f}/{other:.0f}" for one, other in rounds))
    return median(one for one, _ in rounds), median(other for _, other in rounds)


def require_same_pages(site: int, limit: int, cookies: list[str]) -> None:
    """Refuse to compare different pages."""
    ours, theirs = (http.client.HTTPConnection("127.0.0.1", port, timeout=30) for port in (site, limit))
    for cookie in cookies:
        if RANDOM.sub(b"", web.page(ours, cookie)) != RANDOM.sub(b"", web.page(theirs, cookie)):
            raise RuntimeError("the limit's page is not the site's")
