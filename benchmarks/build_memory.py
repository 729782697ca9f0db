"""How much memory a worker takes at most that builds a snapshot alone, of 100,000 posts and of a million.

Each build runs in a process of its own, whose peak the operating system keeps. `build_memory` is the peak at a million
posts, its limit the one at 100,000: the ratio says whether memory grows with the corpus (at most 1.1, and 600 MiB at
most). The speed at both sizes comes along: `build_posts_100k` and `build_posts_1m`, on the clock, one process and its
PostgreSQL. The peak up to the end of each stage is said on stderr.
"""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import django
from django.db import connections

import config.celery  # noqa: F401  tasks are sent through this app
from benchmarks import world
from benchmarks.figures import Figure
from benchmarks.place import say
from consent.purposes import Purpose
from dataset_export.builds.executor import process_next_task
from dataset_export.builds.recipes import ensure_recipes
from dataset_export.builds.services import create_snapshot, start_build

SMALL, LARGE = 100_000, 1_000_000
PER_SECOND = 5000


def measure(folder: Path) -> Iterator[Figure]:
    """Fill the site, build; fill it further, build again."""
    peaks = {}
    for posts in (SMALL, LARGE):
        world.fill(
            posts=posts - SMALL if posts == LARGE else posts, purposes=(Purpose.PRETRAINING,)
        )
        connections.close_all()
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), django.setup) as pool:
            peaks[posts], seconds, kept = pool.submit(build, f"of-{posts}").result()
        say(f"{posts:,} posts: {seconds:.0f} s, {kept:,} rows, peak {peaks[posts]:.0f} MiB")
        yield Figure(
            f"build_posts_{'1m' if posts == LARGE else '100k'}",
            posts / seconds,
            "posts/s",
            PER_SECOND,
        )
    yield Figure("build_memory", peaks[LARGE], "MiB", peaks[SMALL])


def build(name: str) -> tuple[float, float, int]:
    """Build a snapshot and return the peak in mebibytes, the seconds and the rows that were kept."""
    draft = create_snapshot(
        name=name,
        purpose=Purpose.PRETRAINING,
        recipe=ensure_recipes(),
        by=None,
        pseudonym_key=bytes(32),
    )
    began = time.monotonic()
    snapshot = start_build(snapshot=draft)
    peaks: dict[str, float] = {}
    while snapshot.is_building:
        stage = snapshot.stage
        process_next_task(snapshot.pk)
        snapshot.refresh_from_db()
        peaks[stage] = peak_so_far()
    say("; ".join(f"{stage} {peak:.0f}" for stage, peak in peaks.items()))
    if not snapshot.is_in_review:
        raise RuntimeError(f"{snapshot} is {snapshot.state}: {snapshot.error}")
    return peak_so_far(), time.monotonic() - began, snapshot.manifest["counts"]["kept"]


def peak_so_far() -> float:
    """Return the most that this process has had in memory, in mebibytes.

    Linux keeps it by the name of VmHWM for the program that runs; the figure of getrusage begins with what the process
    that started it had, which has filled the site.
    """
    (line,) = (
        line
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    )
    return int(line.split()[1]) / 1024
