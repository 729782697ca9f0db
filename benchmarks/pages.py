"""The other pages that people read all the time: public, profile, thread, search, notifications; beside home_page.py.

The world is that of the home page, with answers counted and with notifications for those who look at theirs. The limit
is the same template with the same data, out of memory: see served.py.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import regex
from django.db import connection

from accounts.models import User
from benchmarks import served, world
from benchmarks.figures import Figure
from benchmarks.place import timed
from posts.models import Post

VIEWERS = 50
ROUNDS = 3
ROUND_SECONDS = 1.5
REQUESTS = 250
# The queries that a page may take, whatever is on it.
MAX_QUERIES = {"public": 6, "profile": 12, "thread": 14, "search": 14, "notifications": 12}
# Of each kind, for each person.
TOLD = 200
WORD = regex.compile(r"\p{L}{4,20}")

TELL = """
INSERT INTO timeline_notification (recipient_id, kind, actor_id, post_id)
SELECT person.id, told.kind, told.actor_id, told.post_id
FROM unnest(%(people)s::bigint[]) AS person (id) CROSS JOIN LATERAL (
    (
        SELECT 'mention' AS kind, author_id AS actor_id, id AS post_id FROM posts_post
        WHERE author_id <> person.id ORDER BY id DESC LIMIT %(told)s
    )
    UNION ALL
    (
        SELECT 'like', follow.follower_id, post.id
        FROM accounts_follow follow CROSS JOIN LATERAL (
            SELECT id FROM posts_post WHERE author_id = person.id ORDER BY id DESC LIMIT 3
        ) post
        WHERE follow.followed_id = person.id LIMIT %(told)s
    )
    UNION ALL
    (SELECT 'follow', follower_id, NULL FROM accounts_follow WHERE followed_id = person.id LIMIT %(told)s)
    ORDER BY actor_id, post_id
) told
"""


def measure(folder: Path) -> Iterator[Figure]:
    """Ask for pages of each kind as people who follow few, some and many others."""
    famous = world.fill_for_pages()
    viewers = served.chosen_viewers(VIEWERS)
    with timed("answers counted, notifications"):
        complete_world(viewers)
    addresses = {
        "public": ["/public"],
        "profile": profiles(famous),
        "thread": threads(),
        "search": searches(),
        "notifications": ["/notifications"],
    }
    pages = {
        name: served.visits(viewers, partial(turn, viewers, some))
        for name, some in addresses.items()
    }
    queries = {name: served.most_queries([*visits[:1], *visits]) for name, visits in pages.items()}
    for name, rates in served.rates(
        folder, pages, rounds=ROUNDS, seconds=ROUND_SECONDS, requests=REQUESTS
    ):
        yield from rates.figures(name)
        yield Figure(f"{name}_page_queries", queries[name], "queries", MAX_QUERIES[name])


def turn(viewers: list[User], addresses: list[str], viewer: User) -> str:
    """Return the address that it is this viewer's turn to ask for."""
    return addresses[viewers.index(viewer) % len(addresses)]


def complete_world(viewers: list[User]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"people": [viewer.pk for viewer in viewers], "told": TOLD})
        cursor.execute("VACUUM ANALYZE posts_post, timeline_notification")


def profiles(famous: list[int]) -> list[str]:
    """Return the pages of people from the most to the least known."""
    chosen = User.objects.in_bulk(famous[:: len(famous) // VIEWERS])
    return [person.get_absolute_url() for person in chosen.values()]


def threads() -> list[str]:
    """Return posts in the midst of a conversation that have the most answers."""
    posts = Post.objects.filter(reply_to__isnull=False).select_related("author")
    return [post.get_absolute_url() for post in posts.order_by("-reply_count", "-pk")[:VIEWERS]]


def searches() -> list[str]:
    """Return searches for a word, drawn as posts have them: so common ones come often."""
    random = Random(world.SEED)
    texts = Post.objects.order_by("-pk").values_list("text", flat=True)[: 20 * VIEWERS]
    words = [random.choice(found) for text in texts if (found := WORD.findall(text))]
    return [f"/search?{urlencode({'q': word})}" for word in random.sample(words, VIEWERS)]
