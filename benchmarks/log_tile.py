"""How long the log takes to serve a tile, and to sign, when a million decisions are in it.

In process, without a web server: what is measured is the database's and the code's share. The events are laid down
with the ledger's triggers off, as a million decisions one by one would take the better part of an hour.
"""

import os
import random
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from benchmarks.figures import Figure
from benchmarks.place import timed
from consent.notices import current_notice
from consent.transparency_log.checkpoints import sign_checkpoint

EVENTS = 1_000_000
REQUESTS = 300
# Milliseconds; the marks are ours: a tile is one page of a log, and signing must not delay the next minute's.
TILE, ENTRIES, SIGN = 20.0, 50.0, 1000.0
COLUMNS = "position, subject, scope, purpose, decision, covers, notice_id, source, at, salt, leaf_hash, app"


def measure(folder: Path) -> Iterator[Figure]:
    """Fetch tiles from all over a large log."""
    with timed(f"{EVENTS:,} events"):
        lay_down(0, EVENTS)
    with timed("the first checkpoint over all of them"):
        sign_checkpoint()
    lay_down(EVENTS, EVENTS + 500)
    yield Figure("log_sign_500", 1000 * seconds_of(sign_checkpoint), "ms", SIGN)
    draw = random.Random(1)
    client = Client(headers={"Host": "localhost"})
    tiles = [
        f"/log/tile/0/{tile_name(number)}"
        for number in draw.choices(range(EVENTS // 256), k=REQUESTS)
    ]
    yield Figure("log_tile", p95(client, tiles), "ms", TILE)
    entries = [tile.replace("/tile/0/", "/tile/entries/") for tile in tiles]
    yield Figure("log_entries", p95(client, entries), "ms", ENTRIES)


@transaction.atomic
def lay_down(first: int, end: int) -> None:
    notice, now = current_notice("pretraining").pk, timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
        with cursor.copy(f"COPY consent_consentevent ({COLUMNS}) FROM STDIN") as copy:
            for position in range(first, end):
                row = (
                    position,
                    uuid.UUID(int=position),
                    "account",
                    "pretraining",
                    "granted",
                    "everything",
                    notice,
                )
                copy.write_row((*row, "import", now, os.urandom(32), os.urandom(32), ""))


def tile_name(number: int) -> str:
    """Return a tile's number as the paths of a log write it: 1234 is x001/234."""
    return f"{number:03d}" if number < 1000 else f"x{number // 1000:03d}/{number % 1000:03d}"


def p95(client: Client, paths: list[str]) -> float:
    """Return the milliseconds within which 95 of 100 of the answers came."""
    return (
        1000
        * sorted(seconds_of(lambda path=path: fetch(client, path)) for path in paths)[
            int(0.95 * len(paths))
        ]
    )


def fetch(client: Client, path: str) -> None:
    response = client.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answers {response.status_code}")


def seconds_of(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
