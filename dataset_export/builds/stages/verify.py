"""Stage 4: compare candidate pairs and drop the later post of near duplicates."""

from collections.abc import Iterator

import numpy as np
from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Length

from dataset_export.builds.bulk_io import DROP_COLUMNS, copy_rows
from dataset_export.builds.partitions import PAIR, Array, read_partition
from dataset_export.models import (
    BuildTask,
    DroppedPost,
    IntermediatePartition,
    Snapshot,
    StagedPost,
)
from dataset_export.pipeline.dedup.minhash import comparison_tokens, is_near_duplicate
from dataset_export.pipeline.recipe import NEAR_DUPLICATES

NEAR_DUPLICATE = "near_duplicate"
# Pairs whose texts are in memory at once.
PAIRS_AT_ONCE = 20_000

_Words = tuple[str, ...]


def plan_pairs(snapshot: Snapshot) -> Iterator[tuple[int, int, int]]:
    """Yield a task per range of later posts, with its number of pairs."""
    parts = IntermediatePartition.objects.filter(
        snapshot=snapshot, kind=IntermediatePartition.Kind.PAIRS
    ).values_list("part")
    for part, size in parts.annotate(size=Sum(Length("data"))).order_by("part"):
        yield part, part, size // PAIR.itemsize


def verify_pairs(task: BuildTask) -> None:
    pairs = np.unique(read_partition(task, IntermediatePartition.Kind.PAIRS, task.first_id, PAIR))
    drops = dict[int, int]()
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        compare(task.snapshot_id, pairs[start : start + PAIRS_AT_ONCE], drops)
    rows = (
        (task.snapshot_id, later, NEAR_DUPLICATES, NEAR_DUPLICATE, earlier)
        for later, earlier in drops.items()
    )
    copy_rows(DroppedPost, DROP_COLUMNS, rows)
    task.dropped = {NEAR_DUPLICATES: {NEAR_DUPLICATE: len(drops)}} if drops else {}


def compare(snapshot_id: int, pairs: Array, drops: dict[int, int]) -> None:
    """Record for each later post the earliest near duplicate; pairs are sorted.

    Posts erased since the pair was found match nothing.
    """
    words = comparison_texts(
        snapshot_id, np.unique(np.concatenate((pairs["later"], pairs["earlier"])))
    )
    for later, earlier in pairs.tolist():
        if later in drops or later not in words or earlier not in words:
            continue
        if is_near_duplicate(words[later], words[earlier]):
            drops[later] = earlier


def comparison_texts(snapshot_id: int, ids: np.ndarray) -> dict[int, _Words]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT post_id, text FROM {StagedPost._meta.db_table}"  # noqa: S608
            " WHERE snapshot_id = %s AND post_id = ANY(%s)",
            [snapshot_id, ids.tolist()],
        )
        return {post_id: comparison_tokens(text) for post_id, text in cursor.fetchall()}
