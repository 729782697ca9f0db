"""Stage 3: find pairs of posts that may be near duplicates, by minhash bands.

Similar posts share some keys. The first stage stores the keys in partitions small enough to be
sorted in memory. A task here sorts some partitions and stores pairs by the later post's range.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from django.db.models import Sum

from dataset_export.builds.partitions import (
    BAND,
    PAIR,
    Array,
    group_by_partition,
    read_partition,
    write_partition,
)
from dataset_export.models import BuildTask, DroppedPost, IntermediatePartition, Snapshot
from dataset_export.pipeline.dedup.minhash import (
    BANDS,
    candidate_pairs,
    could_match,
    signatures_with_sizes,
)
from dataset_export.pipeline.recipe import EXACT_DUPLICATES
from dataset_export.pipeline.records import Record

KEYS_PER_PARTITION = 100_000
KEYS_A_TASK = 1_000_000


def partitions(posts: int) -> int:
    """Return the number of partitions per band."""
    return max(1, math.ceil(posts / KEYS_PER_PARTITION))


def posts_to_prepare(snapshot: Snapshot) -> int:
    ranges = BuildTask.objects.filter(snapshot=snapshot, stage=Snapshot.Stage.PREPARE)
    return ranges.aggregate(posts=Sum("size"))["posts"] or 0


def keys_of(records: Sequence[Record]) -> tuple[np.ndarray, ...]:
    """Return the ids of posts, their keys and their sizes."""
    ids = np.fromiter((record.post_id for record in records), np.int64, len(records))
    return ids, *signatures_with_sizes([record.text for record in records])


def write_band_partitions(task: BuildTask, found: Sequence[tuple[np.ndarray, ...]]) -> None:
    """Store the keys of posts, band by band."""
    if not found:
        return
    ids, keys, sizes = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    cuts = partitions(posts_to_prepare(task.snapshot))
    arrays = (
        (band * cuts + number, array)
        for band in range(BANDS)
        for number, array in group_by_partition(*band_partition(keys[:, band], ids, sizes, cuts))
    )
    write_partition(task, IntermediatePartition.Kind.BANDS, arrays)


def band_partition(
    keys: np.ndarray, ids: np.ndarray, sizes: np.ndarray, cuts: int
) -> tuple[Array, np.ndarray]:
    """Return the non-zero keys with their posts, and the partition of each."""
    found = np.flatnonzero(keys)
    array = np.empty(len(found), BAND)
    array["key"], array["id"], array["size"] = keys[found], ids[found], sizes[found]
    return array, (array["key"] % np.uint64(cuts)).astype(np.int64)


def plan_partitions(snapshot: Snapshot) -> Iterator[tuple[int, int, int]]:
    """Yield the first and last partition of each task, and their number."""
    posts = posts_to_prepare(snapshot)
    parts = BANDS * partitions(posts)
    step = max(1, KEYS_A_TASK * partitions(posts) // max(1, posts))
    for first in range(0, parts, step):
        last = min(first + step, parts) - 1
        yield first, last, last - first + 1


def match(task: BuildTask) -> None:
    copies = exact_duplicate_ids(task.snapshot_id)
    pairs = np.empty(0, PAIR)
    for number in range(task.first_id, task.last_id + 1):
        # One by one, as posts of a campaign are the same pairs in each partition.
        pairs = deduplicate_pairs(np.concatenate((pairs, pairs_of(task, number, copies))))
    write_partition(
        task,
        IntermediatePartition.Kind.PAIRS,
        group_by_partition(pairs, task_numbers(task.snapshot, pairs["later"])),
    )


def deduplicate_pairs(pairs: Array) -> Array:
    """Return the pairs sorted and unique; `numpy.unique` takes three times as long here."""
    later, earlier = (np.ascontiguousarray(pairs[field]) for field in ("later", "earlier"))
    order = np.lexsort((earlier, later))
    pairs, later, earlier = pairs[order], later[order], earlier[order]
    is_new = np.ones(len(pairs), bool)
    is_new[1:] = (later[1:] != later[:-1]) | (earlier[1:] != earlier[:-1])
    return pairs[is_new]


def pairs_of(task: BuildTask, number: int, copies: np.ndarray) -> Array:
    bands = read_partition(task, IntermediatePartition.Kind.BANDS, number, BAND)
    bands = bands[~np.isin(bands["id"], copies)]
    ids = np.ascontiguousarray(bands["id"])
    pairs = candidate_pairs(np.ascontiguousarray(bands["key"]), ids)
    order = np.argsort(ids)
    later, earlier = bands["size"][order[np.searchsorted(ids, pairs, sorter=order)]].T
    pairs = pairs[could_match(later, earlier)]
    array = np.empty(len(pairs), PAIR)
    array["later"], array["earlier"] = pairs[:, 0], pairs[:, 1]
    return array


def exact_duplicate_ids(snapshot_id: int) -> np.ndarray:
    """Return posts already dropped, so that thousands of copies aren't compared again."""
    drops = DroppedPost.objects.filter(snapshot=snapshot_id, step=EXACT_DUPLICATES)
    return np.fromiter(
        drops.values_list("post_id", flat=True).iterator(chunk_size=10_000), np.int64
    )


def task_numbers(snapshot: Snapshot, ids: np.ndarray) -> np.ndarray:
    """Return the index of the prepare task that each post belongs to."""
    ranges = BuildTask.objects.filter(snapshot=snapshot, stage=Snapshot.Stage.PREPARE).order_by(
        "number"
    )
    firsts = np.array(ranges.values_list("first_id", flat=True), np.int64)
    return np.searchsorted(firsts, ids, side="right") - 1
