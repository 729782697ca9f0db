"""Law 8 at a size at which stages have many ranges: 50,000 posts, a copy campaign among them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import psutil
import pytest
from django.db.models import F
from django.utils import timezone

from benchmarks import texts
from benchmarks.world import settle
from common.snowflake import next_id
from config.celery import app
from consent.notices import sync_default_notices
from consent.purposes import Purpose
from dataset_export.builds.executor import advance_stage, process_next_task
from dataset_export.builds.services import start_build
from dataset_export.models import DroppedPost, RowProvenance, Snapshot
from demo.importing import copy, grant, past_ids
from posts.models import Post
from posts.text.entities import render
from tests.factories import person, snapshot
from tests.workers import celery_worker, kill, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

POSTS = 50_000
EQUAL, VARIED = 2_500, 2_500
SECRET = bytes(range(32))
CAMPAIGN = "Vote for the old lighthouse today and tell all of your friends to vote for it as well"
# Beside what the tests have loaded already; a worker has some 150 to begin with.
MEBIBYTES = 400
SECONDS = 240
COLUMNS = ("id", "author_id", "text", "html", "language", "visibility", "authorship")


@pytest.fixture
def corpus(settings) -> None:
    settings.BUILD_TASK_POSTS = 5_000
    now, people = timezone.now(), [person() for _ in range(40)]
    sync_default_notices()
    grant([someone.pk for someone in people], (Purpose.PRETRAINING,), now)
    random = Random(3)
    ids = past_ids(POSTS, next_id(), random, now)
    copy(
        Post,
        COLUMNS,
        (
            (pk, random.choice(people).pk, text, render(text), "", "public", "human")
            for pk, text in zip(ids, said(random), strict=False)
        ),
    )
    settle()
    app.control.purge()


def said(random: Random) -> Iterator[str]:
    """Yield made-up posts; among them one text again and again, as it is and with a word or an address changed."""
    posts = texts.with_copies(random, ["ana"], texts.new_post)
    every = POSTS // (EQUAL + VARIED)
    for number in range(POSTS):
        if number % every:
            yield next(posts)[0]
        elif number % (2 * every):
            yield CAMPAIGN
        else:
            yield f"{CAMPAIGN} https://example.org/{number}".replace(
                "today", random.choice(("today", "now", "soon"))
            )


def fingerprint(made: Snapshot) -> tuple:
    made.refresh_from_db()
    assert made.state == "in_review", made.error
    manifest = {
        key: value for key, value in made.manifest.items() if key not in ("name", "created_at")
    }
    rows = RowProvenance.objects.filter(snapshot=made).order_by("split", "shard_number", "row")
    drops = (
        DroppedPost.objects.filter(snapshot=made)
        .order_by("post_id")
        .values_list("post_id", "reason", "duplicate_of")
    )
    return manifest, list(rows.values_list("post_id", F("salt"), "leaf_hash")), list(drops)


@contextmanager
def greatest_memory(of: psutil.Process) -> Iterator[list[float]]:
    """Yield a list whose one number is the most memory that a process has had meanwhile, in mebibytes."""
    greatest, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            greatest[0] = max(greatest[0], of.memory_info().rss / 2**20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield greatest
    done.set()
    watcher.join()


def test_the_same_bytes_at_size_in_one_process_and_with_workers_killed(corpus, tmp_path):
    alone = start_build(snapshot=snapshot("alone", pseudonym_key=SECRET))
    before = psutil.Process().memory_info().rss / 2**20
    with greatest_memory(psutil.Process()) as memory:
        while process_next_task(alone.pk):
            pass
    assert memory[0] - before < MEBIBYTES
    undisturbed = fingerprint(alone)
    counts = undisturbed[0]["counts"]
    assert counts["dropped"]["exact_duplicates"]["duplicate"] >= EQUAL - 1
    assert counts["dropped"]["near_duplicates"]["near_duplicate"] >= 0.9 * VARIED
    made = start_build(snapshot=snapshot("killed", pseudonym_key=SECRET))
    for doomed, ranges in (("first", 3), ("second", 14)):
        with celery_worker(tmp_path, doomed, processes=2) as worker:
            wait_until(
                lambda ranges=ranges: made.tasks.filter(done_at__isnull=False).count() >= ranges,
                "some ranges",
            )
            kill(worker)
        advance_stage(made.pk)
    with celery_worker(tmp_path, "heir", processes=2, beat=True):
        wait_until(
            lambda: not Snapshot.objects.building().filter(pk=made.pk).exists(),
            "the build",
            SECONDS,
        )
    assert fingerprint(made) == undisturbed
