"""Cut the stages of a build into ranges of posts, each of which is one task."""

from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import connection

from dataset_export.building.tables import analyse
from dataset_export.models import BuildRange, Candidate, Snapshot
from posts.models import Post

Stage = Snapshot.Stage
Cut = tuple[int, int, int]

EVERY_NTH = """
SELECT min({column}), max({column}), count(*)
FROM (SELECT {column}, (row_number() OVER (ORDER BY {column}) - 1) / %s AS part FROM {table} WHERE {condition}) cut
GROUP BY part ORDER BY part
"""


def stage_after(stage: str) -> str | None:
    """Return the stage that follows, or None after the last."""
    stages = list(Stage.values)
    following = stages.index(stage) + 1
    return stages[following] if following < len(stages) else None


def plan_stage(snapshot: Snapshot, stage: str) -> list[BuildRange]:
    """Write down the ranges of a stage; where there is nothing to do there is none."""
    if stage == Stage.DEDUPLICATE:
        analyse(Candidate)
    ranges = [
        BuildRange(snapshot=snapshot, stage=stage, number=number, first_id=first, last_id=last, size=size)
        for number, (first, last, size) in enumerate(CUTS[stage](snapshot))
    ]
    return BuildRange.objects.bulk_create(ranges)


def cut_posts(snapshot: Snapshot) -> Iterator[Cut]:
    """Cut all posts up to the watermark; which of them are exported is asked range by range, of the one gate."""
    query = EVERY_NTH.format(column="id", table=Post._meta.db_table, condition="id <= %s AND visibility = 'public'")
    return cuts(query, [settings.BUILD_RANGE_POSTS, snapshot.post_watermark])


def cut_candidates(snapshot: Snapshot) -> Iterator[Cut]:
    return cut_kept(snapshot, settings.BUILD_RANGE_POSTS, "TRUE")


def cut_shards(snapshot: Snapshot) -> Iterator[Cut]:
    return cut_kept(snapshot, snapshot.recipe.steps().shard_rows, "NOT is_duplicate")


def cut_kept(snapshot: Snapshot, size: int, condition: str) -> Iterator[Cut]:
    condition = f"snapshot_id = %s AND {condition}"
    query = EVERY_NTH.format(column="post_id", table=Candidate._meta.db_table, condition=condition)
    return cuts(query, [size, snapshot.pk])


def cut_nothing(snapshot: Snapshot) -> Iterator[Cut]:
    """The manifest is one task."""
    yield 0, 0, 1


def cuts(query: str, parameters: list[int | None]) -> Iterator[Cut]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        yield from cursor.fetchall()


CUTS: dict[str, Callable[[Snapshot], Iterator[Cut]]] = {
    Stage.PREPARE: cut_posts,
    Stage.DEDUPLICATE: cut_candidates,
    Stage.WRITE: cut_shards,
    Stage.FINISH: cut_nothing,
}
