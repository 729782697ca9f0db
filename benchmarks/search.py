"""Search among a million posts: how long the page takes for the words and filters that people may ask for.

The words of the queries are drawn as the posts have them, so common ones come often. Each page is the whole of it: the
session, the search, the cards, the template; asked for by people who follow few and many others.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import regex
from django.db import connection
from django.db.models import Count
from django.test import Client

from accounts.models import User
from benchmarks import world
from benchmarks.figures import Figure
from benchmarks.place import say, timed
from posts.models import Post
from timeline.models import SearchEntry

POSTS = 1_000_000
FOLLOWS = 300_000
VIEWERS = 50
SAMPLE = 20_000
EACH = 60
# The first pages of a fresh process load templates and warm the caches of the database.
WARM_UP = 20
LIMIT_MILLISECONDS = 100.0
SEED = 12
WORD = regex.compile(r"[\p{L}\p{N}]{2,20}")
HAN_AND_KANA = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]{2,}")
THAI = regex.compile(r"[\p{Thai}]{3,}")
LANGUAGES = ("en", "es", "ja", "th")
COMMON = ("the", "to", "of", "you", "and", "de")


def measure(folder: Path) -> Iterator[Figure]:
    world.fill(posts=POSTS, follows=FOLLOWS)
    with timed("links and clean-up"):
        mark_links()
    random = Random(SEED)
    clients = [client_of(viewer) for viewer in viewers()]
    kinds = queries(random)
    for address in [*kinds["a word"][:WARM_UP]]:
        milliseconds(random.choice(clients), address)
    times = {
        kind: [milliseconds(random.choice(clients), address) for address in asked]
        for kind, asked in kinds.items()
    }
    for kind, took in times.items():
        say(
            f"{kind}: {percentile(took, 50):.0f} ms in the middle, p95 {percentile(took, 95):.0f}, most {max(took):.0f}"
        )
    every = [took for kind in times.values() for took in kind]
    yield Figure("search_p95", percentile(every, 95), "ms", LIMIT_MILLISECONDS)
    yield Figure(
        "search_common_p95", percentile(times["common words"], 95), "ms", LIMIT_MILLISECONDS
    )
    yield Figure(
        "search_nothing_p95", percentile(times["nothing found"], 95), "ms", LIMIT_MILLISECONDS
    )


def mark_links() -> None:
    """Note the links, as publishing would, of some posts; so there are edited entries, too."""
    newest = Post.objects.filter(text__contains="://").order_by("-pk").values("pk")[:SAMPLE]
    Post.objects.filter(pk__in=newest).update(has_link=True)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {SearchEntry._meta.db_table}")


def viewers() -> list[User]:
    """Return people spread evenly over the order of how many they follow."""
    ordered = list(
        User.objects.annotate(size=Count("follows")).filter(size__gt=0).order_by("size", "pk")
    )
    return [ordered[place * (len(ordered) - 1) // (VIEWERS - 1)] for place in range(VIEWERS)]


def client_of(viewer: User) -> Client:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(viewer, "django.contrib.auth.backends.ModelBackend")
    return client


def queries(random: Random) -> dict[str, list[str]]:
    """Return addresses by the kind of what they ask for."""
    last = Post.objects.latest("pk").pk
    texts = list(
        Post.objects.filter(pk__lt=last).order_by("?").values_list("text", flat=True)[:SAMPLE]
    )
    names = list(User.objects.order_by("?").values_list("username", flat=True)[:EACH])
    rows = [found for text in texts if len(found := WORD.findall(text)) > 2]
    words = [random.choice(row) for row in rows]
    han = [found for text in texts for found in HAN_AND_KANA.findall(text)]
    thai = [found for text in texts for found in THAI.findall(text)]
    kinds = {
        "a word": [random.choice(words) for _ in range(EACH)],
        "two words of a post": [
            " ".join(random.sample(random.choice(rows), 2)) for _ in range(EACH)
        ],
        "words of two posts": [
            f"{random.choice(words)} {random.choice(words)}" for _ in range(EACH)
        ],
        "a phrase": [f'"{" ".join(random.choice(rows)[:2])}"' for _ in range(EACH)],
        "a beginning": [f"{random.choice(words)[:4]}*" for _ in range(EACH)],
        "common words": [
            " ".join(random.sample(COMMON, random.randint(1, 3))) for _ in range(EACH)
        ],
        "common and rare": [f"{random.choice(COMMON)} {random.choice(words)}" for _ in range(EACH)],
        "nothing found": [
            f"{random.choice(COMMON)} qx{random.randrange(10**6)}" for _ in range(EACH)
        ],
        "without": [f"{random.choice(words)} -{random.choice(COMMON)}" for _ in range(EACH)],
        "by somebody": [f"from:{name} {random.choice(words)}" for name in names],
        "with a filter": [f"{random.choice(words)} has:link" for _ in range(EACH)],
        "in a language": [
            f"{random.choice(words)} lang:{random.choice(['en', 'es', 'ja', 'th'])}"
            for _ in range(EACH)
        ],
        "of a time": [
            f"{random.choice(words)} before:{random.choice(['today', 'yesterday'])}"
            for _ in range(EACH)
        ],
        "Han and kana": [random.choice(han)[: random.randint(1, 4)] for _ in range(EACH)]
        if han
        else [],
        "Thai": [random.choice(thai)[: random.randint(2, 6)] for _ in range(EACH)] if thai else [],
        "one's own": [f"in:library {random.choice(words)}" for _ in range(EACH)],
    }
    found = {kind: [address(query) for query in asked] for kind, asked in kinds.items() if asked}
    found["people"] = [address(name[: random.randint(2, 6)], "people") for name in names]
    return found


def address(query: str, tab: str = "posts") -> str:
    return f"/search?{urlencode({'q': query, 'tab': tab})}"


def milliseconds(client: Client, address: str) -> float:
    began = time.perf_counter()
    response = client.get(address)
    took = (time.perf_counter() - began) * 1000
    if response.status_code != 200:
        raise RuntimeError(f"{address} was answered with {response.status_code}")
    return took


def percentile(values: list[float], share: int) -> float:
    return sorted(values)[min(len(values) * share // 100, len(values) - 1)]
