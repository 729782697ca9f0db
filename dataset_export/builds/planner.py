"""Plan the tasks of each stage of a build."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import connection, models

from dataset_export.builds.bulk_io import analyze_tables
from dataset_export.builds.stages.cap_authors import plan_selection
from dataset_export.builds.stages.match import plan_partitions
from dataset_export.builds.stages.verify import plan_pairs
from dataset_export.models import (
    BuildTask,
    DroppedPost,
    IntermediatePartition,
    RowProvenance,
    Snapshot,
    StagedPost,
)
from dataset_export.pipeline.recipe import CONVERSATIONS, EXACT_DUPLICATES, NEAR_DUPLICATES, POSTS
from posts.models import Post

_Stage = Snapshot.Stage
Columns = dict[type[models.Model], tuple[str, ...]]

POSTS_A_TASK_OF_THREADS = 50_000

EVERY_NTH_POST = f"""
SELECT min(id), max(id), count(*)
FROM (
    SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS part
    FROM {Post._meta.db_table} WHERE id <= %s AND visibility = 'public' AND repost_of_id IS NULL
) cut
GROUP BY part ORDER BY part
"""  # noqa: S608

# Staged posts that were not dropped since.
KEPT_CANDIDATES_SQL = f"""
SELECT candidate.* FROM {StagedPost._meta.db_table} candidate
WHERE snapshot_id = %s AND NOT EXISTS (
    SELECT 1 FROM {DroppedPost._meta.db_table} gone
    WHERE gone.snapshot_id = candidate.snapshot_id AND gone.post_id = candidate.post_id
)
"""  # noqa: S608

EVERY_NTH_CANDIDATE = f"""
SELECT min(post_id), max(post_id), count(*)
FROM (
    SELECT post_id, (row_number() OVER (ORDER BY post_id) - 1) / %s AS part
    FROM ({KEPT_CANDIDATES_SQL}) kept
) cut
GROUP BY part ORDER BY part
"""  # noqa: S608

# A task consists of whole threads: it ends with the one that fills it.
_THREADS = f"""
SELECT min(thread_id), max(thread_id), sum(posts)::bigint
FROM (
    SELECT thread_id, count(*) AS posts,
        div(sum(count(*)) OVER (ORDER BY thread_id) - count(*), %s) AS part
    FROM ({KEPT_CANDIDATES_SQL}) kept GROUP BY thread_id
) cut
GROUP BY part ORDER BY part
"""  # noqa: S608

# A shard ends at its maximum of rows or of bytes of text.
SHARDS_OF_POSTS = f"""
SELECT min(post_id), max(post_id), count(*), split
FROM (
    SELECT post_id, split,
        (row_number() OVER (PARTITION BY split ORDER BY post_id) - 1) / %s AS part,
        sum(octet_length(text)) OVER (PARTITION BY split ORDER BY post_id) / %s AS piece
    FROM ({KEPT_CANDIDATES_SQL}) kept
) cut
GROUP BY split, part, piece ORDER BY split, part, piece
"""  # noqa: S608

SHARDS_OF_CONVERSATIONS = f"""
SELECT min(thread_id), max(thread_id), sum(messages)::bigint, split
FROM (
    SELECT thread_id, split, messages,
        (row_number() OVER (PARTITION BY split ORDER BY thread_id) - 1) / %s AS part,
        div(sum(bytes) OVER (PARTITION BY split ORDER BY thread_id), %s) AS piece
    FROM (
        SELECT thread_id, split, count(*) AS messages, sum(octet_length(text)) AS bytes
        FROM ({KEPT_CANDIDATES_SQL}) kept WHERE message IS NOT NULL GROUP BY thread_id, split
    ) threads
) cut
GROUP BY split, part, piece ORDER BY split, part, piece
"""  # noqa: S608

SHARDS = {POSTS: SHARDS_OF_POSTS, CONVERSATIONS: SHARDS_OF_CONVERSATIONS}


def stage_after(stage: str) -> str | None:
    """Return the next stage, or None after the last."""
    stages = list(_Stage.values)
    following = stages.index(stage) + 1
    return stages[following] if following < len(stages) else None


def plan_stage(snapshot: Snapshot, stage: str) -> list[BuildTask]:
    """Create the tasks of a stage; none if it has nothing to do."""
    analyze_tables(TABLES_TO_ANALYZE.get(stage, {}))
    tasks = list(CUTS[stage](snapshot))
    for number, task in enumerate(tasks):
        task.snapshot, task.stage, task.number = snapshot, stage, number
    return BuildTask.objects.bulk_create(tasks)


def cut_posts(snapshot: Snapshot) -> Iterator[BuildTask]:
    """Plan ranges of all posts up to the watermark.

    Each task asks the gate which of its posts are eligible.
    """
    return json_safe(count_rows(EVERY_NTH_POST, settings.BUILD_TASK_POSTS, snapshot.post_watermark))


def cut_equal(snapshot: Snapshot) -> Iterator[BuildTask]:
    if snapshot.recipe.steps().has(EXACT_DUPLICATES):
        yield from json_safe(
            count_rows(EVERY_NTH_CANDIDATE, settings.BUILD_TASK_POSTS, snapshot.pk)
        )


def cut_match(snapshot: Snapshot) -> Iterator[BuildTask]:
    if snapshot.recipe.steps().has(NEAR_DUPLICATES):
        yield from json_safe(plan_partitions(snapshot))


def cut_verify(snapshot: Snapshot) -> Iterator[BuildTask]:
    return json_safe(plan_pairs(snapshot))


def cut_select(snapshot: Snapshot) -> Iterator[BuildTask]:
    for first, last, size, task in plan_selection(snapshot):
        yield BuildTask(first_id=first, last_id=last, size=size, configuration=task)


def cut_threads(snapshot: Snapshot) -> Iterator[BuildTask]:
    if CONVERSATIONS in snapshot.recipe.steps().configurations:
        yield from json_safe(count_rows(_THREADS, POSTS_A_TASK_OF_THREADS, snapshot.pk))


def cut_shards(snapshot: Snapshot) -> Iterator[BuildTask]:
    """Plan the shards of each split, numbered from 0."""
    recipe = snapshot.recipe.steps()
    for configuration in recipe.configurations:
        numbers: dict[str, int] = {}
        shards = count_rows(
            SHARDS[configuration], recipe.shard_rows, recipe.shard_bytes, snapshot.pk
        )
        for first, last, size, split in shards:
            number = numbers[split] = numbers.get(split, -1) + 1
            yield BuildTask(
                first_id=first,
                last_id=last,
                size=size,
                configuration=configuration,
                split=split,
                shard_number=number,
            )


def cut_nothing(snapshot: Snapshot) -> Iterator[BuildTask]:
    """Plan the one task that writes the manifest."""
    yield BuildTask(first_id=0, last_id=0, size=1)


def json_safe(cuts: Iterable[Sequence[int]]) -> Iterator[BuildTask]:
    return (BuildTask(first_id=first, last_id=last, size=size) for first, last, size in cuts)


def count_rows(query: str, *parameters: int | None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


# Tables that the previous stage filled and this one joins, with the joined columns.
_CANDIDATES: Columns = {
    StagedPost: (
        "snapshot_id",
        "post_id",
        "subject",
        "thread_id",
        "parent_id",
        "split",
        "fingerprint",
    )
}
DROPS: Columns = {DroppedPost: ("snapshot_id", "post_id", "step", "duplicate_of")}
SPILLS: Columns = {IntermediatePartition: ("snapshot_id", "kind", "part", "source")}
_RECORDS: Columns = {
    RowProvenance: (
        "snapshot_id",
        "configuration",
        "split",
        "shard_number",
        "row",
        "message",
        "post_id",
        "subject",
    )
}
TABLES_TO_ANALYZE: dict[str, Columns] = {
    _Stage.DEDUPLICATE: _CANDIDATES,
    _Stage.MATCH: SPILLS | DROPS,
    _Stage.VERIFY: SPILLS,
    _Stage.SELECT: DROPS,
    _Stage.WRITE: _CANDIDATES | DROPS,
    # Joined by downloads rather than by the last stage.
    _Stage.FINISH: _RECORDS,
}
CUTS: dict[str, Callable[[Snapshot], Iterator[BuildTask]]] = {
    _Stage.PREPARE: cut_posts,
    _Stage.DEDUPLICATE: cut_equal,
    _Stage.MATCH: cut_match,
    _Stage.VERIFY: cut_verify,
    _Stage.SELECT: cut_select,
    _Stage.THREADS: cut_threads,
    _Stage.WRITE: cut_shards,
    _Stage.FINISH: cut_nothing,
}
