"""How many home pages a second, and what else reading costs: 100,000 posts, 20,000 people, 1,000,000 follows.

The limit of the page is the same template with the same data and the same middleware, out of memory: see served.py. The
limit of the API is one query of twenty rows by an index, worked out once as home's is, through the same shapes.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from accounts.models import User
from accounts.selectors import VIEWER
from benchmarks import served, world
from benchmarks.figures import Figure
from benchmarks.place import say
from common.compiled_queries import CompiledModelQuery
from posts.models import Post
from posts.presentation.hydrate import hydrate_posts
from timeline.home import redis_store
from timeline.home.pages import home_cards, home_rows
from timeline.mastodon_api.serializers import serialize_statuses

VIEWERS = 50
ROUNDS = 5
ROUND_SECONDS = 2.0
REQUESTS = 400
MAX_QUERIES = 8
API_ROUNDS = 200
MAX_BYTES = 6 * 1024


def measure(folder: Path) -> Iterator[Figure]:
    """Ask for the home pages of people who follow few, some and many others."""
    world.fill_for_pages()
    viewers = served.chosen_viewers(VIEWERS)
    visits = served.visits(viewers, lambda _: "/")
    served.most_queries(visits)
    queries = served.most_queries(visits)
    for name, rates in served.rates(
        folder, {"home": visits}, rounds=ROUNDS, seconds=ROUND_SECONDS, requests=REQUESTS
    ):
        yield from rates.figures(name)
    yield Figure("home_page_queries", queries, "queries", MAX_QUERIES)
    yield home_api(viewers)
    yield redis_bytes(viewers)


def home_api(viewers: list[User]) -> Figure:
    """Compare the home timeline as JSON with one query of twenty rows by an index, through the same shapes."""

    def home(viewer: User) -> object:
        return serialize_statuses(home_cards(home_rows(viewer, below=None, size=20), viewer))

    newest = Post.objects.filter(visibility="public", reply_to__isnull=True, repost_of__isnull=True)
    query = CompiledModelQuery(newest.with_card_data(VIEWER).order_by("-pk")[:20])

    def rows(viewer: User) -> object:
        return serialize_statuses(hydrate_posts(query.fetch(viewer=viewer.pk), viewer))

    seconds: dict[Callable[[User], object], float] = {home: 0.0, rows: 0.0}
    for number in range(API_ROUNDS):
        for ask in seconds:
            began = time.perf_counter()
            ask(viewers[number % len(viewers)])
            seconds[ask] += time.perf_counter() - began
    return Figure("home_api", API_ROUNDS / seconds[home], "timelines/s", API_ROUNDS / seconds[rows])


def redis_bytes(viewers: list[User]) -> Figure:
    """Return what a full timeline of one active person takes in Redis."""
    names = [redis_store.key(viewer.pk, viewer.home_timeline_version) for viewer in viewers]
    sizes = [
        size
        for name in names
        if (size := redis_store.client().memory_usage(name, samples=0)) is not None
    ]
    say(f"bytes a timeline in Redis: {min(sizes)} to {max(sizes)}")
    return Figure("home_redis_bytes", max(sizes), "bytes", MAX_BYTES)
