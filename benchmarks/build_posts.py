"""How many posts a second one core takes through the whole recipe, from the database to signed shards.

One process builds alone, as `build_snapshot --wait` does. `build_posts` divides by the processor time of that process
and of its PostgreSQL session, which is what a core can do; `build_posts_wall` divides by the time on the clock, in
which both also wait for the disk and for whatever else runs on the machine. The stages are said on stderr.
"""

import gc
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil
from django.db import connection

import config.celery  # noqa: F401  tasks are sent through this app
from benchmarks import world
from benchmarks.figures import Figure
from benchmarks.place import say
from common.garbage_collection import tune_for_batches
from consent.purposes import Purpose
from dataset_export.builds.executor import process_next_task
from dataset_export.builds.recipes import ensure_recipes
from dataset_export.builds.services import create_snapshot, start_build
from dataset_export.models import Snapshot

POSTS = 50_000
BUILDS = 3
PER_SECOND = 5000
SECRET = bytes(range(32))


@dataclass(slots=True)
class Clock:
    """Seconds on the clock, and of processor time here and in PostgreSQL, by stage."""

    seconds: dict[str, list[float]] = field(
        default_factory=lambda: defaultdict(lambda: [0.0, 0.0, 0.0])
    )

    def add(self, stage: str, before: list[float]) -> None:
        for number, (now, then) in enumerate(zip(times(), before, strict=True)):
            self.seconds[stage][number] += now - then

    def totals(self) -> list[float]:
        return [sum(column) for column in zip(*self.seconds.values(), strict=True)]

    def cost(self) -> tuple[float, float]:
        """Return the seconds on the clock, and of processor time in both places."""
        wall, here, there = self.totals()
        return wall, here + there

    def __str__(self) -> str:
        stages = [*self.seconds.items(), ("all", self.totals())]
        return "; ".join(
            f"{stage} {wall:.2f} s (here {here:.2f}, PostgreSQL {there:.2f})"
            for stage, (wall, here, there) in stages
        )


def measure(folder: Path) -> Iterator[Figure]:
    """Build the same snapshot several times and take the median."""
    tune_for_batches()
    world.fill(posts=POSTS, purposes=(Purpose.PRETRAINING,))
    clocks = [build(f"build-{number}") for number in range(BUILDS)]
    wall, processor = (
        median(column) for column in zip(*(clock.cost() for clock in clocks), strict=True)
    )
    yield Figure("build_posts", POSTS / processor, "posts/s", PER_SECOND)
    yield Figure("build_posts_wall", POSTS / wall, "posts/s", PER_SECOND)


def build(name: str) -> Clock:
    draft = create_snapshot(
        name=name,
        purpose=Purpose.PRETRAINING,
        recipe=ensure_recipes(),
        by=None,
        pseudonym_key=SECRET,
    )
    gc.collect()
    clock, before = Clock(), times()
    snapshot = start_build(snapshot=draft)
    clock.add("plan", before)
    while snapshot.is_building:
        stage, before = snapshot.stage, times()
        process_next_task(snapshot.pk)
        snapshot.refresh_from_db()
        clock.add(stage, before)
    require_built(snapshot)
    say(f"{name}: {clock}")
    return clock


def times() -> list[float]:
    """Return the seconds on the clock, and those of processor time here and in our PostgreSQL session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        session = psutil.Process(cursor.fetchone()[0]).cpu_times()
    return [time.monotonic(), time.process_time(), session.user + session.system]


def require_built(snapshot: Snapshot) -> None:
    if not snapshot.is_in_review or snapshot.manifest["counts"]["candidates"] != POSTS:
        raise RuntimeError(
            f"{snapshot} is {snapshot.state}: {snapshot.error or snapshot.manifest.get('counts')}"
        )
