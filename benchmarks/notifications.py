"""What notifications cost somebody whose posts go round: 100,000 in one day, 20 posts that are liked by thousands.

All are unread, so that the count, which each page of the site asks, looks at as many rows as it ever does. Beside it
stands the count of somebody who has read everything, as most have on most pages.
"""

import re
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from random import Random

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Block, User
from benchmarks import world
from benchmarks.figures import Figure
from benchmarks.place import timed
from benchmarks.search import client_of, percentile
from timeline.notifications.selectors import unread_count
from timeline.notifications.services import mark_read

PEOPLE, POSTS, FOLLOWS = 20_000, 40_000, 200_000
LIKED_POSTS, LIKES, MENTIONS, BLOCKED = 20, 5_000, 2_000, 500
ASKED = 100
MAX_MILLISECONDS, MAX_MILLISECONDS_COUNTING, MAX_QUERIES = 100.0, 10.0, 14
MAX_BIGINT = 2**63 - 1
NEXT = re.compile(r'href="(/notifications\?max_id=[^"]+)"')

LIKED = """
INSERT INTO timeline_notification (recipient_id, kind, actor_id, post_id)
SELECT %s, 'like', person.id, post.id
FROM (SELECT id FROM accounts_user WHERE id <> %s ORDER BY id LIMIT %s) person CROSS JOIN
    (SELECT id FROM posts_post WHERE author_id = %s ORDER BY id DESC LIMIT %s) post
ORDER BY person.id, post.id
"""
MENTIONED = """
INSERT INTO timeline_notification (recipient_id, kind, actor_id, post_id)
SELECT %s, 'mention', author_id, id FROM posts_post WHERE author_id <> %s ORDER BY id DESC LIMIT %s
"""


def measure(folder: Path) -> Iterator[Figure]:
    famous = User.objects.get(pk=world.fill(posts=POSTS, people=PEOPLE, follows=FOLLOWS)[0])
    with timed("notifications"):
        tell(famous)
    client = client_of(famous)
    addresses = [*walk(client)]
    pages = [
        milliseconds(lambda address=address: client.get(address))
        for address in addresses
        for _ in range(10)
    ]
    yield Figure("notifications_p95", percentile(pages, 95), "ms", MAX_MILLISECONDS)
    yield Figure(
        "notifications_queries", max(map(len, queries(client, addresses))), "queries", MAX_QUERIES
    )
    unread = [milliseconds(lambda: unread_count(famous)) for _ in range(ASKED)]
    yield Figure("notifications_count_p95", percentile(unread, 95), "ms", MAX_MILLISECONDS_COUNTING)
    mark_read(user=famous, up_to=MAX_BIGINT)
    read = [milliseconds(lambda: unread_count(famous)) for _ in range(ASKED)]
    yield Figure(
        "notifications_count_read_p95", percentile(read, 95), "ms", MAX_MILLISECONDS_COUNTING
    )


def tell(famous: User) -> None:
    """Write what somebody famous is told of in a day, who blocks many of those."""
    with connection.cursor() as cursor:
        cursor.execute(LIKED, [famous.pk, famous.pk, LIKES, famous.pk, LIKED_POSTS])
        cursor.execute(MENTIONED, [famous.pk, famous.pk, MENTIONS])
    strangers = list(User.objects.exclude(pk=famous.pk).order_by("pk").values_list("pk", flat=True))
    chosen = Random(world.SEED).sample(strangers, BLOCKED)
    Block.objects.bulk_create(Block(blocker=famous, blocked_id=pk) for pk in chosen)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE timeline_notification, accounts_block")


def walk(client: Client) -> Iterator[str]:
    """Yield the addresses of the first pages of the list, and of its parts."""
    address = "/notifications"
    yield address
    for _ in range(4):
        found = NEXT.search(client.get(address).content.decode())
        if found is None:
            break
        address = unescape(found[1])
        yield address
    yield "/notifications?kinds=mentions"
    yield "/notifications?from=strangers"


def queries(client: Client, addresses: list[str]) -> Iterator[CaptureQueriesContext]:
    for address in addresses:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(address)
        yield captured


def milliseconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000
