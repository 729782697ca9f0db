"""Stage 5: count duplicates of each remaining text and cap the posts per author.

One task counts; each of the others takes a range of subjects.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

import numpy as np
from django.db import connection

from dataset_export.models import BuildTask, DroppedPost, Snapshot, StagedPost
from dataset_export.pipeline.recipe import AUTHOR_CAP, EXACT_DUPLICATES, NEAR_DUPLICATES

AUTHOR_CAP_REASON = "author_cap"
POSTS_A_TASK = 500_000
# Subjects are random, so their first 16 bits divide them evenly.
SUBJECT_BUCKETS, REMAINDER = 1 << 16, 1 << 112
_COUNT, CAP = "count", "cap"

SET_COUNTS = f"""
UPDATE {StagedPost._meta.db_table} SET duplicate_count = counted.number
FROM unnest(%s::bigint[], %s::int[]) AS counted (post_id, number)
WHERE snapshot_id = %s AND {StagedPost._meta.db_table}.post_id = counted.post_id
"""  # noqa: S608

# Few authors have so many posts; only theirs are sorted.
_LEAVE_OUT = f"""
INSERT INTO {DroppedPost._meta.db_table} (snapshot_id, post_id, step, reason)
SELECT %(snapshot)s, post_id, %(step)s, %(reason)s FROM (
    SELECT post_id, row_number() OVER (PARTITION BY subject ORDER BY post_id) AS number
    FROM {StagedPost._meta.db_table} candidate
    WHERE snapshot_id = %(snapshot)s AND subject IN (
        SELECT subject FROM {StagedPost._meta.db_table}
        WHERE snapshot_id = %(snapshot)s AND subject BETWEEN %(first)s AND %(last)s
        GROUP BY subject HAVING count(*) > %(most)s
    )
    AND NOT EXISTS (
        SELECT 1 FROM {DroppedPost._meta.db_table} gone
        WHERE gone.snapshot_id = candidate.snapshot_id AND gone.post_id = candidate.post_id
    )
) ranked WHERE number > %(most)s
"""  # noqa: S608


def plan_selection(snapshot: Snapshot) -> Iterator[tuple[int, int, int, str]]:
    """Yield the counting task and the ranges of subjects."""
    recipe, posts = snapshot.recipe.steps(), StagedPost.objects.filter(snapshot=snapshot).count()
    if recipe.has(EXACT_DUPLICATES) or recipe.has(NEAR_DUPLICATES):
        yield 0, 0, posts, _COUNT
    if recipe.has(AUTHOR_CAP):
        tasks = max(1, math.ceil(posts / POSTS_A_TASK))
        edges = [SUBJECT_BUCKETS * number // tasks for number in range(tasks + 1)]
        for first, after in pairwise(edges):
            yield first, after - 1, posts // tasks, CAP


def select(task: BuildTask) -> None:
    if task.configuration == _COUNT:
        count_copies(task.snapshot_id)
    else:
        cap_authors(task)


def count_copies(snapshot_id: int) -> None:
    """Count for each remaining text the posts dropped for it, including itself."""
    drops = DroppedPost.objects.filter(snapshot=snapshot_id, duplicate_of__isnull=False).order_by(
        "post_id"
    )
    # Row by row into an array: Python integers would take ten times the memory.
    rows = drops.values_list("post_id", "duplicate_of").iterator(chunk_size=10_000)
    links = np.fromiter(rows, np.dtype((np.int64, 2)))
    firsts, numbers = np.unique(resolve_chains(links[:, 0], links[:, 1]), return_counts=True)
    with connection.cursor() as cursor:
        cursor.execute(SET_COUNTS, [firsts.tolist(), (numbers + 1).tolist(), snapshot_id])


def resolve_chains(posts: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """Return the end of each chain of duplicates, the kept post. Links lead to earlier posts."""
    if not len(posts):
        return earlier
    while True:
        found = np.minimum(np.searchsorted(posts, earlier), len(posts) - 1)
        further = np.where(posts[found] == earlier, earlier[found], earlier)
        if (further == earlier).all():
            return earlier
        earlier = further


def cap_authors(task: BuildTask) -> None:
    cap = task.snapshot.recipe.steps().options(AUTHOR_CAP)
    assert cap is not None
    with connection.cursor() as cursor:
        cursor.execute(
            _LEAVE_OUT,
            {
                "snapshot": task.snapshot_id,
                "step": AUTHOR_CAP,
                "reason": AUTHOR_CAP_REASON,
                "first": UUID(int=task.first_id * REMAINDER),
                "last": UUID(int=(task.last_id + 1) * REMAINDER - 1),
                "most": cap["posts"],
            },
        )
        task.dropped = {AUTHOR_CAP: {AUTHOR_CAP_REASON: cursor.rowcount}} if cursor.rowcount else {}
