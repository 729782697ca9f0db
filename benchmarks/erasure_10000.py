"""How long it takes from the last of many withdrawals, 10,000 rows together, to a signed revision without them.

The rows lie over all shards of a snapshot of half a million. The clock runs from the commit of the last withdrawal,
through the rewriting of each shard and the new signature, to the end of a VACUUM of the tables touched. Meanwhile a
client asks for the files again and again: it must get none before the revision is signed, and after that files without
the rows. What it takes to write the tables on disk anew is said on stderr, as nobody waits for it.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import orjson
from django.db import connection
from django.db.models import Count
from django.test import Client

import config.celery  # noqa: F401  tasks are sent through this app
from accounts.models import User
from accounts.services import create_token
from benchmarks import world
from benchmarks.build_posts import times
from benchmarks.figures import Figure
from benchmarks.place import say, timed
from consent.notices import current_notice
from consent.purposes import Purpose
from consent.services import record_decision
from dataset_export.access.services import grant_access, request_access
from dataset_export.access.terms import current_terms
from dataset_export.builds.executor import process_next_task
from dataset_export.builds.services import create_snapshot, start_build
from dataset_export.eligibility import revoked_records
from dataset_export.erasure.rewrite_shard import content_of
from dataset_export.erasure.services import erase_revoked, vacuum_tables
from dataset_export.erasure.vacuum import rewrite_files
from dataset_export.models import Recipe, Removal, Snapshot
from dataset_export.pipeline.shards import read_jsonl_shard
from dataset_export.publication.services import approve_and_publish

POSTS = 520_000
ROWS = 500_000
WITHHELD = 10_000
SECONDS = 60.0
# What each recipe must have, and a split; to find duplicates would take longest, and change nothing here.
STEPS = [
    {"step": "consent"},
    {"step": "authorship", "allow": ["human"]},
    {"step": "normalise"},
    {"step": "personal_data"},
    {"step": "mentions"},
    {"step": "split", "test": 0.005, "validation": 0.005},
]
RECIPE = {
    "steps": STEPS,
    "configurations": ["posts"],
    "shards": {"rows": 50_000, "bytes": 32 << 20},
}
ASK_EVERY_SECONDS = 1.0


def measure(folder: Path) -> Iterator[Figure]:
    """Withdraw, erase, and look at what was served meanwhile."""
    world.fill(posts=POSTS, purposes=(Purpose.PRETRAINING,))
    with timed("a published snapshot"):
        snapshot = published()
    served = reader()
    with timed("withdrawals"):
        withdraw(people_with(snapshot, WITHHELD))
        began, before = time.monotonic(), times()
    with asking(snapshot, served) as answers:
        revisions = erase_revoked()
        signed = time.monotonic() - began
        vacuum_tables()
        seconds, (_, here, there) = time.monotonic() - began, times()
    require_erased(snapshot, answers)
    say(
        f"{revisions[0].removed_rows:,} rows; signed after {signed:.1f} s, VACUUM until {seconds:.1f} s"
    )
    say(f"processor time: {here - before[1]:.1f} s here, {there - before[2]:.1f} s in PostgreSQL")
    with timed("the tables on disk written anew"):
        rewrite_files(revisions[0].at)
    yield Figure("erasure_10000", seconds, "s", SECONDS)


def published() -> Snapshot:
    recipe = Recipe.objects.create(name="half-a-million", data=RECIPE)
    snapshot = start_build(
        snapshot=create_snapshot(name="erased", purpose=Purpose.PRETRAINING, recipe=recipe, by=None)
    )
    while process_next_task(snapshot.pk):
        pass
    snapshot.refresh_from_db()
    if snapshot.provenance.count() < ROWS:
        raise RuntimeError(
            f"{snapshot} is {snapshot.state}, with {snapshot.provenance.count()} rows: {snapshot.error}"
        )
    reviewer = User.objects.create_user("reviewer")
    approve_and_publish(snapshot=snapshot, by=reviewer, manifest_sha256=snapshot.manifest_sha256)
    return snapshot


def people_with(snapshot: Snapshot, rows: int) -> list[User]:
    """Return people who have so many rows together, in the order of their random subjects."""
    chosen, together = [], 0
    for subject, own in (
        snapshot.provenance.values_list("subject").annotate(own=Count("pk")).order_by("subject")
    ):
        chosen.append(subject)
        together += own
        if together >= rows:
            break
    return list(User.objects.filter(consent_subject__in=chosen))


def withdraw(people: list[User]) -> None:
    notice = current_notice(Purpose.PRETRAINING)
    for person in people:
        record_decision(
            user=person,
            purpose=Purpose.PRETRAINING,
            decision="withdrawn",
            notice=notice,
            source="settings",
        )


def reader() -> Client:
    user = User.objects.create_user("reader")
    manager = User.objects.create_superuser("manager")
    request = request_access(
        user=user,
        dataset="erased",
        purpose="To measure how long erasure takes.",
        terms=current_terms(),
    )
    grant_access(request=request, by=manager, days=30)
    token = create_token(user=user, name="benchmark")
    return Client(HTTP_HOST="localhost", headers={"Authorization": f"Bearer {token}"})


@contextmanager
def asking(snapshot: Snapshot, client: Client) -> Iterator[list[tuple[int, bool]]]:
    """Ask for the files until the block ends; keep each status, and whether the revision was signed by then."""
    answers: list[tuple[int, bool]] = []
    done = threading.Event()
    addresses = [f"/api/v1/datasets/{snapshot.name}/files/{path}" for path in paths(snapshot)]

    def ask() -> None:
        for address in cycle(addresses):
            if done.wait(ASK_EVERY_SECONDS):
                break
            status = client.head(address).status_code
            answers.append((status, snapshot.revisions.count() > 1))
        connection.close()

    client_thread = threading.Thread(target=ask)
    # Django says on stderr that 503 is an error; here it is what has to come.
    logging.disable()
    client_thread.start()
    try:
        yield answers
    finally:
        done.set()
        client_thread.join()
        logging.disable(logging.NOTSET)


def paths(snapshot: Snapshot) -> list[str]:
    """Return the large files, each of which holds some of the rows."""
    large = snapshot.shards.filter(format="parquet", split="train", rows__gt=1000)
    return list(large.order_by("number").values_list("path", flat=True))


def require_erased(snapshot: Snapshot, answers: list[tuple[int, bool]]) -> None:
    early = [status for status, signed in answers if not signed]
    if set(early) != {503}:
        raise RuntimeError(f"before the revision was signed, the answers were {set(early)}")
    gone = set(
        Removal.objects.filter(snapshot=snapshot, revision=1).values_list("row_id", flat=True)
    )
    left = {
        orjson.loads(line)["id"]
        for shard in snapshot.shards.filter(format="jsonl")
        for line in read_jsonl_shard(content_of(shard))
    }
    if len(gone) < WITHHELD or gone & left or revoked_records(snapshot).exists():
        raise RuntimeError(
            f"{len(gone)} rows are removed, {len(gone & left)} of them are still there"
        )
    say(
        f"{len(early)} answers before the signature, all of them 503, and {len(answers) - len(early)} after it"
    )
