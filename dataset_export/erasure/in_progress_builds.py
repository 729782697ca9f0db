"""Erase revoked posts from running, paused and failed builds.

Their staged posts and shards so far go; the posts count as dropped.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import structlog
from django.db import OperationalError, connection, transaction

from dataset_export.builds.exclusions import (
    EXCLUDED_BY_REVIEWER,
    EXCLUSION_STEP,
    REVOCATION_STEP,
    REVOKED,
)
from dataset_export.builds.executor import advance_stage
from dataset_export.builds.locks import TaskNotAvailableError, lock_staging_exclusive
from dataset_export.builds.partitions import remove_posts
from dataset_export.builds.stages.match import task_numbers
from dataset_export.eligibility import revoked_candidates, revoked_records
from dataset_export.erasure.affected_shards import ShardKey
from dataset_export.models import (
    DroppedPost,
    Exclusion,
    RowProvenance,
    Snapshot,
    StagedPost,
    VacuumRequest,
)
from dataset_export.pipeline.conversation_plan import BROKEN
from dataset_export.pipeline.recipe import CONVERSATIONS, POSTS

_State, _Stage = Snapshot.State, Snapshot.Stage
UNFINISHED = (_State.BUILDING, _State.PAUSED, _State.FAILED)
log = structlog.get_logger()

_LEAVE_OUT = f"""
INSERT INTO {DroppedPost._meta.db_table} (snapshot_id, post_id, step, reason)
SELECT %s, unnest(%s::bigint[]), %s, %s
ON CONFLICT (snapshot_id, post_id) DO NOTHING RETURNING post_id
"""

# As in a finished dataset, a conversation is removed as a whole.
BREAK_UP = f"""
UPDATE {StagedPost._meta.db_table} SET message = NULL
WHERE snapshot_id = %(snapshot)s AND message IS NOT NULL AND thread_id IN (
    SELECT thread_id FROM {StagedPost._meta.db_table}
    WHERE snapshot_id = %(snapshot)s AND message IS NOT NULL AND post_id = ANY(%(posts)s)
)
RETURNING post_id
"""  # noqa: S608


def erase_staged() -> None:
    """Erase from each unfinished build; if workers hold one too long, the next sweep does."""
    for snapshot in Snapshot.objects.filter(state__in=UNFINISHED).order_by("pk"):
        try:
            if revoked_posts_in(snapshot):
                erase_from_build(snapshot.pk)
                advance_stage(snapshot.pk)
        except (TaskNotAvailableError, OperationalError):
            continue
        except Exception as error:
            # Other builds must not wait for it.
            log.exception("erasure from a build failed", snapshot=snapshot.pk, error=str(error))


@transaction.atomic
def erase_from_build(snapshot_id: int) -> None:
    """Drop and erase the revoked posts of a build.

    Raises:
        TaskNotAvailableError: the build is finished or cancelled.
        OperationalError: workers hold it longer than the timeout.
    """
    lock_staging_exclusive(snapshot_id)
    unfinished = Snapshot.objects.filter(pk=snapshot_id, state__in=UNFINISHED).select_for_update(
        of=("self",)
    )
    snapshot = unfinished.select_related("recipe").order_by("pk").first()
    if snapshot is None:
        raise TaskNotAvailableError
    posts = revoked_posts_in(snapshot)
    excluded = posts & excluded_now(snapshot, posts)
    discard_shards(snapshot, posts)
    broken = split_conversations(snapshot, posts)
    record_drops(snapshot, excluded, EXCLUSION_STEP, EXCLUDED_BY_REVIEWER)
    record_drops(snapshot, posts - excluded, REVOCATION_STEP, REVOKED)
    if POSTS not in snapshot.recipe.steps().configurations:
        record_drops(snapshot, broken - posts, CONVERSATIONS, BROKEN)
    remove_partition_keys(snapshot, posts)
    StagedPost.objects.filter(snapshot=snapshot, post_id__in=posts).delete()
    VacuumRequest.objects.create(tables=VacuumRequest.Tables.STAGING)
    log.info("posts erased from a build", snapshot=str(snapshot), posts=len(posts))


def revoked_posts_in(snapshot: Snapshot) -> set[int]:
    """Return the revoked posts that a build still holds."""
    staged = revoked_candidates(snapshot).values_list("post_id", flat=True)
    return {*staged, *revoked_records(snapshot).values_list("post_id", flat=True)}


def excluded_now(snapshot: Snapshot, posts: Iterable[int]) -> set[int]:
    """Return which of the posts reviewers excluded, directly or by author."""
    exclusions = Exclusion.objects.filter(name=snapshot.name)
    people = exclusions.filter(subject__isnull=False).values("subject")
    theirs = [
        table.objects.filter(snapshot=snapshot, post_id__in=posts, subject__in=people).values_list(
            "post_id", flat=True
        )
        for table in (StagedPost, RowProvenance)
    ]
    return {
        *exclusions.filter(post_id__in=posts).values_list("post_id", flat=True),
        *theirs[0],
        *theirs[1],
    }


def discard_shards(snapshot: Snapshot, posts: set[int]) -> None:
    """Discard the shards that hold one of the posts, to be written again."""
    records = RowProvenance.objects.filter(snapshot=snapshot)
    places = {
        ShardKey(*place)
        for place in records.filter(post_id__in=posts).values_list(*ShardKey._fields)
    }
    if not places:
        return
    for place in places:
        at = place._asdict()
        records.filter(**at).delete()
        snapshot.shards.filter(
            configuration=place.configuration, split=place.split, number=place.shard_number
        ).delete()
        snapshot.tasks.filter(stage=_Stage.WRITE, **at).update(
            done_at=None, begun_at=None, queued_at=None, summary={}
        )
    snapshot.tasks.filter(stage=_Stage.FINISH).delete()
    snapshot.stage = _Stage.WRITE
    snapshot.save(update_fields=["stage"])
    VacuumRequest.objects.create(tables=VacuumRequest.Tables.FILES)


def split_conversations(snapshot: Snapshot, posts: set[int]) -> set[int]:
    """Take apart conversations with one of the posts, and return all their posts."""
    with connection.cursor() as cursor:
        cursor.execute(BREAK_UP, {"snapshot": snapshot.pk, "posts": list(posts)})
        return {post_id for (post_id,) in cursor.fetchall()}


def record_drops(snapshot: Snapshot, posts: set[int], step: str, reason: str) -> None:
    """Record why posts are dropped, and count that in their prepare task.

    A post dropped before keeps its first reason.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE_OUT, [snapshot.pk, sorted(posts), step, reason])
        left_out = np.array([post_id for (post_id,) in cursor.fetchall()], np.int64)
    counts = Counter(task_numbers(snapshot, left_out).tolist())
    for task in snapshot.tasks.filter(stage=_Stage.PREPARE, number__in=counts).order_by("number"):
        reasons = task.dropped.setdefault(step, {})
        reasons[reason] = reasons.get(reason, 0) + counts[task.number]
        task.save(update_fields=["dropped"])


def remove_partition_keys(snapshot: Snapshot, posts: set[int]) -> None:
    ids = np.array(sorted(posts), np.int64)
    remove_posts(snapshot.pk, set(task_numbers(snapshot, ids).tolist()), ids)
