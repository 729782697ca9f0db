"""How many megabytes a second one connection gets of a shard, with a token, and what that costs the server in memory.

The shard's bytes are random, so that nothing on the way can make them fewer. The client only counts; what it got is
compared by its hash once, before the clock runs.
"""

import hashlib
import http.client
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

import psutil
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import create_token
from benchmarks.figures import Figure
from benchmarks.place import say, timed
from benchmarks.web import web_server
from consent.purposes import Purpose
from dataset_export.access.terms import current_terms
from dataset_export.builds.recipes import ensure_recipes
from dataset_export.models import AccessRequest, Shard, ShardChunk, Snapshot
from dataset_export.models.shard import PART_BYTES

PARTS = 200
DOWNLOADS = 5
PER_SECOND = 100.0  # megabytes
# Mebibytes, of all workers together; what counts is that it is far less than the file.
MAX_MEMORY = 32.0
READ_BYTES = 1 << 20
SAMPLE_SECONDS = 0.02
PATH = "data/train-00000-of-00001.parquet"
ADDRESS = f"/api/v1/datasets/bytes/files/{PATH}"


def measure(folder: Path) -> Iterator[Figure]:
    """Fetch one large shard again and again."""
    token = reader_token()
    with timed(f"a shard of {PARTS} MiB"):
        shard = published_shard()
    with web_server(folder) as (port, web):
        require_same_bytes(port, token, shard)
        with highest_memory(web.process.pid) as growth:
            seconds = [fetch(port, token, lambda chunk: None) for _ in range(DOWNLOADS)]
    rates = [shard.size / 1e6 / second for second in seconds]
    say("by download: " + ", ".join(f"{rate:.0f} MB/s" for rate in rates))
    yield Figure("download", median(rates), "MB/s", PER_SECOND)
    yield Figure("download_memory", growth() / (1 << 20), "MiB", MAX_MEMORY)


def reader_token() -> str:
    reader = User.objects.create_user("reader")
    grant_for("bytes", reader)
    return create_token(user=reader, name="benchmark")


def grant_for(name: str, reader: User) -> None:
    now = timezone.now()
    AccessRequest.objects.create(
        user=reader,
        dataset=name,
        purpose="Measures how fast a file arrives.",
        terms=current_terms(),
        state=AccessRequest.State.GRANTED,
        decided_at=now,
        granted_until=now + timedelta(days=1),
        notified_at=now,
    )


@transaction.atomic
def published_shard() -> Shard:
    snapshot = Snapshot.objects.create(
        name="bytes",
        purpose=Purpose.PRETRAINING,
        recipe=ensure_recipes(),
        state=Snapshot.State.PUBLISHED,
        post_watermark=0,
        ledger_size=0,
        retraction_watermark=0,
        manifest_json=b"{}",
        approved_at=timezone.now(),
        published_at=timezone.now(),
    )
    place = {
        "snapshot": snapshot,
        "split": "train",
        "number": 0,
        "format": Shard.Format.PARQUET,
        "path": PATH,
    }
    shard = Shard.objects.create(**place, rows=0, size=PARTS * PART_BYTES, sha256="")
    digest = hashlib.sha256()
    for number in range(PARTS):
        data = os.urandom(PART_BYTES)
        digest.update(data)
        ShardChunk.objects.create(shard=shard, number=number, data=data)
    shard.sha256 = digest.hexdigest()
    shard.save()
    return shard


def fetch(port: int, token: str, take: Callable[[bytes], object]) -> float:
    """Download the shard and return the seconds from the request to the last byte."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    began = time.monotonic()
    connection.request("GET", ADDRESS, headers={"Authorization": f"Bearer {token}"})
    response = connection.getresponse()
    size = 0
    while chunk := response.read(READ_BYTES):
        size += len(chunk)
        take(chunk)
    seconds = time.monotonic() - began
    connection.close()
    if response.status != 200 or size != PARTS * PART_BYTES:
        raise RuntimeError(f"{size} bytes came, status {response.status}")
    return seconds


def require_same_bytes(port: int, token: str, shard: Shard) -> None:
    digest = hashlib.sha256()
    fetch(port, token, digest.update)
    if digest.hexdigest() != shard.sha256:
        raise RuntimeError("other bytes came than the shard's")


@contextmanager
def highest_memory(pid: int) -> Iterator[Callable[[], int]]:
    """Watch a program's children meanwhile, and tell afterwards by how many bytes they grew at the most."""
    workers = psutil.Process(pid).children()
    first, done = resident(workers), threading.Event()
    highest = first

    def watch() -> None:
        nonlocal highest
        while not done.wait(SAMPLE_SECONDS):
            highest = max(highest, resident(workers))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield lambda: highest - first
    finally:
        done.set()
        watcher.join()


def resident(processes: list[psutil.Process]) -> int:
    return sum(process.memory_info().rss for process in processes)
