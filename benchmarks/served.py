"""Pages as the site serves them, and as the same template serves the same data out of memory.

Both servers run as `make run` starts one, and are asked in turns, so that a disturbed moment hits both. The client, the
web server and PostgreSQL share the machine's cores. That makes both figures smaller than a client on another machine
would see, and the ratio a little too high rather than too low, as the client's own work counts on both sides.
"""

import pickle
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import (
    CaptureQueriesContext,
    setup_test_environment,
    teardown_test_environment,
)

from accounts.models import User
from benchmarks import web
from benchmarks.figures import Figure
from benchmarks.memory import PAGES, Kept, Pages
from benchmarks.place import say

CONNECTIONS = 4
WARM_UP_SECONDS = 1.5
CLIENTS = (1, 8, 32)
SHARES = (50, 95, 99)
# What a page should take for nearly everybody.
MAX_MILLISECONDS = 100
CSRF_COOKIE = "csrftoken=" + "k" * 32
# What differs between two renderings of one page.
RANDOM = re.compile(rb'(csrfmiddlewaretoken" value=|X-CSRFToken": |publish_key" value=)"[^"]*"')


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who asks for a page."""

    viewer: User
    session: str
    address: str

    @property
    def asked(self) -> web.Asked:
        return web.Asked(
            self.address, f"{settings.SESSION_COOKIE_NAME}={self.session}; {CSRF_COOKIE}"
        )


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a second of the site and of the limit; and the seconds that pages take, by how many ask at once."""

    site: float
    limit: float
    latencies: dict[int, list[float]]

    def figures(self, name: str) -> Iterator[Figure]:
        yield Figure(f"{name}_page", self.site, "requests/s", self.limit)
        for clients, seconds in self.latencies.items():
            for share in SHARES:
                value = 1000 * sorted(seconds)[share * (len(seconds) - 1) // 100]
                yield Figure(f"{name}_p{share}_{clients}_clients", value, "ms", MAX_MILLISECONDS)


def chosen_viewers(number: int) -> list[User]:
    """Return people spread evenly over the order of how many they follow."""
    ordered = list(
        User.objects.annotate(size=Count("follows")).filter(size__gt=0).order_by("size", "pk")
    )
    viewers = [ordered[place * (len(ordered) - 1) // (number - 1)] for place in range(number)]
    sizes = [viewer.size for viewer in viewers]  # type: ignore[attr-defined]
    say(f"viewers follow {sizes[0]} to {sizes[-1]} people, {median(sizes):.0f} in the middle")
    return viewers


def visits(viewers: Iterable[User], address_for: Callable[[User], str]) -> list[Visit]:
    """Log people in, each to ask for one page."""
    return [Visit(viewer, session_of(viewer), address_for(viewer)) for viewer in viewers]


def session_of(viewer: User) -> str:
    client = Client()
    client.force_login(viewer, "django.contrib.auth.backends.ModelBackend")
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def answer(visit: Visit) -> Any:
    client = Client(headers={"host": "127.0.0.1"})
    client.cookies[settings.SESSION_COOKIE_NAME] = visit.session
    response = client.get(visit.address)
    if response.status_code != 200:
        raise RuntimeError(f"{visit.address} answered {response.status_code}")
    return response


def most_queries(asked: Iterable[Visit]) -> int:
    """Count the queries of pages, session and all, and return the greatest number."""
    most = 0
    for visit in asked:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer(visit)
        most = max(most, len(captured))
    return most


def kept(asked: Iterable[Visit]) -> Pages:
    """Return what the views of pages give to their templates; each was asked for before, so that caches are full."""
    with context_shown():
        return {(visit.session, visit.address): kept_of(visit) for visit in asked}


@contextmanager
def context_shown() -> Iterator[None]:
    setup_test_environment(debug=False)
    try:
        yield
    finally:
        teardown_test_environment()


def kept_of(visit: Visit) -> Kept:
    response = answer(visit)
    unread = response.context["unread_notifications"]()
    # The innermost layer is what the view gave; below it are those of the context processors.
    given = {**response.context[0].dicts[-1], "unread_notifications": unread}
    # A form holds the engine of templates; the limit makes one anew, as the view does.
    given |= {name: None for name in ("composer", "form") if name in given}
    return Kept(visit.viewer, response.templates[0].name, given)


def rates(
    folder: Path, pages: dict[str, list[Visit]], *, rounds: int, seconds: float, requests: int
) -> Iterator[tuple[str, Rates]]:
    """Yield for each kind of page the medians of rounds that take turns, and so many requests' latencies."""
    file = folder / "pages.pickle"
    file.write_bytes(pickle.dumps(kept(visit for asked in pages.values() for visit in asked)))
    memory = {"DJANGO_SETTINGS_MODULE": "benchmarks.memory_settings", PAGES: str(file)}
    with web.web_server(folder) as (site, _), web.web_server(folder, **memory) as (limit, _):
        for name, visits_of_kind in pages.items():
            asked = [visit.asked for visit in visits_of_kind]
            require_same_pages(site, limit, asked)
            for port in (site, limit):
                web.requests_per_second(port, asked, WARM_UP_SECONDS, CONNECTIONS)
            took = [
                [
                    web.requests_per_second(port, asked, seconds, CONNECTIONS)
                    for port in (site, limit)
                ]
                for _ in range(rounds)
            ]
            latencies = {
                clients: web.latencies(site, asked, clients, requests) for clients in CLIENTS
            }
            say(
                f"{name}, site and limit by round: "
                + ", ".join(f"{one:.0f}/{other:.0f}" for one, other in took)
            )
            yield (
                name,
                Rates(
                    median(one for one, _ in took), median(other for _, other in took), latencies
                ),
            )


def require_same_pages(site: int, limit: int, asked: Sequence[web.Asked]) -> None:
    """Refuse to compare different pages."""
    for one in asked:
        # Over connections of their own: one that waits for the other server may be closed meanwhile.
        ours, theirs = (web.page(web.connect(port), one) for port in (site, limit))
        if RANDOM.sub(b"", ours) != RANDOM.sub(b"", theirs):
            raise RuntimeError(f"the limit's {one.address} is not the site's")
