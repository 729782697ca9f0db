"""How many home pages a second, and what else reading costs: 100,000 posts, 20,000 people, 1,000,000 follows.

The limit of the page is the same template with the same data and the same middleware, out of memory: see memory.py.
Both servers run as `make run` starts one, and are asked in turns, so that a disturbed moment hits both. The limit of
the API is one query of twenty rows by an index, through the same shapes.

The client, the web server and PostgreSQL share the machine's cores. That makes both figures smaller than a client on
another machine would see, and the ratio a little too high rather than too low, as the client's own work counts on
both sides.
"""

import http.client
import pickle
import re
import time
from collections.abc import Callable, Iterator
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
from posts.cards import complete
from posts.models import Post
from posts.training import mark_own_posts
from timeline.api.shapes import statuses
from timeline.home import store
from timeline.home.reading import home_cards, home_rows
from timeline.views import home_page

VIEWERS = 50
CONNECTIONS = 4
ROUNDS = 5
ROUND_SECONDS = 2.0
WARM_UP_SECONDS = 1.5
MOST_QUERIES = 8
API_ROUNDS = 200
# Requests at each number of clients, and what a page should take for nearly everybody.
REQUESTS = 400
CLIENTS = (1, 8, 32)
MOST_MILLISECONDS = 100
MOST_BYTES = 6 * 1024
CSRF_COOKIE = "csrftoken=" + "k" * 32
# What differs between two renderings of one page.
RANDOM = re.compile(rb'(csrfmiddlewaretoken" value=|X-CSRFToken": |publish_key" value=)"[^"]*"')


def measure(folder: Path) -> Iterator[Figure]:
    """Ask for the home pages of people who follow few, some and many others."""
    world.fill_for_pages()
    viewers = chosen_viewers()
    sessions = {session_of(viewer): viewer for viewer in viewers}
    pages = folder / "pages.pickle"
    pages.write_bytes(pickle.dumps(pages_of(sessions)))
    cookies = [f"{settings.SESSION_COOKIE_NAME}={session}; {CSRF_COOKIE}" for session in sessions]
    site, limit, latencies = rates(folder, pages, cookies)
    yield Figure("home_page", site, "requests/s", limit)
    yield Figure("home_page_queries", max(map(queries, viewers)), "queries", MOST_QUERIES)
    for clients, seconds in latencies.items():
        for share in (50, 95, 99):
            value = 1000 * sorted(seconds)[share * (len(seconds) - 1) // 100]
            yield Figure(f"home_p{share}_{clients}_clients", value, "ms", MOST_MILLISECONDS)
    yield home_api(viewers)
    yield redis_bytes(viewers)


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
    return {session: (viewer, page_of(viewer)) for session, viewer in sessions.items()}


def page_of(viewer: User):
    request = RequestFactory().get("/")
    request.user = viewer
    page = home_page(request, viewer)
    mark_own_posts(page.items, viewer)
    return page


def queries(viewer: User) -> int:
    """Count the queries of one home page, session and all."""
    client = Client()
    client.force_login(viewer, "django.contrib.auth.backends.ModelBackend")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get("/", headers={"host": "127.0.0.1"})
    return len(captured)


def rates(folder: Path, pages: Path, cookies: list[str]) -> tuple[float, float, dict[int, list[float]]]:
    """Return requests per second of the site and of the limit, the medians of rounds that take turns.

    And the seconds that pages of the site take, by the number of clients that ask for them at once.
    """
    memory = {"DJANGO_SETTINGS_MODULE": "benchmarks.memory_settings", PAGES: str(pages)}
    with web.web_server(folder) as (site, _):
        with web.web_server(folder, **memory) as (limit, _):
            require_same_pages(site, limit, cookies)
            for port in (site, limit):
                web.requests_per_second(port, cookies, WARM_UP_SECONDS, CONNECTIONS)
            rounds = [
                tuple(web.requests_per_second(port, cookies, ROUND_SECONDS, CONNECTIONS) for port in (site, limit))
                for _ in range(ROUNDS)
            ]
        latencies = {clients: web.latencies(site, cookies, clients, REQUESTS) for clients in CLIENTS}
    say("site and limit by round: " + ", ".join(f"{one:.0f}/{other:.0f}" for one, other in rounds))
    return median(one for one, _ in rounds), median(other for _, other in rounds), latencies


def require_same_pages(site: int, limit: int, cookies: list[str]) -> None:
    """Refuse to compare different pages."""
    ours, theirs = (http.client.HTTPConnection("127.0.0.1", port, timeout=30) for port in (site, limit))
    for cookie in cookies:
        if RANDOM.sub(b"", web.page(ours, cookie)) != RANDOM.sub(b"", web.page(theirs, cookie)):
            raise RuntimeError("the limit's page is not the site's")


def home_api(viewers: list[User]) -> Figure:
    """Compare the home timeline as JSON with one query of twenty rows by an index, through the same shapes."""

    def home(viewer: User) -> object:
        return statuses(home_cards(home_rows(viewer, below=None, size=20), viewer))

    def rows(viewer: User) -> object:
        newest = Post.objects.filter(visibility="public", reply_to__isnull=True, repost_of__isnull=True)
        return statuses(complete(list(newest.for_cards(viewer).order_by("-pk")[:20]), viewer))

    seconds: dict[Callable[[User], object], float] = {home: 0.0, rows: 0.0}
    for number in range(API_ROUNDS):
        for ask in seconds:
            began = time.perf_counter()
            ask(viewers[number % len(viewers)])
            seconds[ask] += time.perf_counter() - began
    return Figure("home_api", API_ROUNDS / seconds[home], "timelines/s", API_ROUNDS / seconds[rows])


def redis_bytes(viewers: list[User]) -> Figure:
    """Return what a full timeline of one active person takes in Redis."""
    names = [store.key(viewer.pk, viewer.home_epoch) for viewer in viewers]
    sizes = [size for name in names if (size := store.client().memory_usage(name, samples=0)) is not None]
    say(f"bytes a timeline in Redis: {min(sizes)} to {max(sizes)}")
    return Figure("home_redis_bytes", max(sizes), "bytes", MOST_BYTES)
