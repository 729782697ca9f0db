"""Run a build by rows in PostgreSQL: workers claim tasks, one transaction each.

Celery messages only announce work; `resume_builds` sends lost ones again.
"""

from collections.abc import Callable
from datetime import timedelta

import structlog
from celery import current_app
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway

from common.task_names import TaskName
from dataset_export.builds.cleanup import erase_cancelled
from dataset_export.builds.locks import (
    TaskNotAvailableError,
    claim_task,
    lock_staging_shared,
    record_attempt_failure,
)
from dataset_export.builds.planner import plan_stage, stage_after
from dataset_export.builds.stages.cap_authors import select
from dataset_export.builds.stages.conversations import assemble_conversations
from dataset_export.builds.stages.exact_dedup import deduplicate
from dataset_export.builds.stages.finish import finish
from dataset_export.builds.stages.match import match
from dataset_export.builds.stages.prepare import prepare
from dataset_export.builds.stages.verify import verify_pairs
from dataset_export.builds.stages.write import write
from dataset_export.models import BuildTask, Snapshot

STAGE_HANDLERS: dict[str, Callable[[BuildTask], None]] = {
    Snapshot.Stage.PREPARE: prepare,
    Snapshot.Stage.DEDUPLICATE: deduplicate,
    Snapshot.Stage.MATCH: match,
    Snapshot.Stage.VERIFY: verify_pairs,
    Snapshot.Stage.SELECT: select,
    Snapshot.Stage.THREADS: assemble_conversations,
    Snapshot.Stage.WRITE: write,
    Snapshot.Stage.FINISH: finish,
}
log = structlog.get_logger()


def process_task(task_id: int) -> None:
    """Run one task exactly once; after the last of a stage, plan the next.

    Raises:
        TaskNotAvailableError: nothing was changed.
    """
    with claim_task(task_id):
        try:
            run_task(task_id)
        except TaskNotAvailableError:
            raise
        except Exception as error:
            record_task_failure(task_id, error)
    snapshot_id = snapshot_id_for_task(task_id)
    if is_cancelled(snapshot_id):
        erase_cancelled(snapshot_id)
    advance_stage(snapshot_id)


@transaction.atomic
def run_task(task_id: int) -> None:
    lock_staging_shared(snapshot_id_for_task(task_id))
    task = (
        BuildTask.objects.select_related("snapshot__recipe")
        .filter(pk=task_id)
        .order_by("pk")
        .first()
    )
    if task is None:
        # An erasure has meanwhile put the build back by a stage.
        raise TaskNotAvailableError
    STAGE_HANDLERS[task.stage](task)
    task.done_at = timezone.now()
    task.save(update_fields=["done_at", "taken", "dropped", "changed", "summary"])
    raise_if_cancelled(task)


def raise_if_cancelled(task: BuildTask) -> None:
    """Roll back output for a build cancelled meanwhile, which its erasure could not see."""
    if is_cancelled(task.snapshot_id):
        raise TaskNotAvailableError


def is_cancelled(snapshot_id: int) -> bool:
    return Snapshot.objects.filter(pk=snapshot_id, state=Snapshot.State.CANCELLED).exists()


def snapshot_id_for_task(task_id: int) -> int:
    return BuildTask.objects.values_list("snapshot_id", flat=True).get(pk=task_id)


@transaction.atomic
def record_task_failure(task_id: int, error: Exception) -> None:
    task = BuildTask.objects.select_for_update(of=("self",)).get(pk=task_id)
    record_attempt_failure(task, error_message(error))


def error_message(error: Exception) -> str:
    """Return the error as text; of a database error only its first line.

    The other lines may quote a post.
    """
    diagnosis = getattr(error.__cause__ or error, "diag", None)
    said = (diagnosis and diagnosis.message_primary) or error
    return f"{type(error).__name__}: {said}"


def advance_stage(snapshot_id: int) -> None:
    """Plan the next stage when the current one is done, and enqueue open tasks.

    If that fails, so does the build, unless the database is away: `resume_builds` tries again.
    """
    try:
        enqueue_open(snapshot_id)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.error("build cannot go on", snapshot=snapshot_id, error=error_message(error))
        Snapshot.objects.building().filter(pk=snapshot_id).update(
            state=Snapshot.State.FAILED,
            error=f"The next stage could not be planned. {error_message(error)}"[:1000],
        )


@transaction.atomic
def enqueue_open(snapshot_id: int) -> None:
    snapshot = (
        Snapshot.objects.building()
        .select_for_update(of=("self",))
        .filter(pk=snapshot_id)
        .order_by("pk")
        .first()
    )
    if snapshot is None:
        return
    while (
        snapshot.stage
        and not snapshot.tasks.filter(stage=snapshot.stage, done_at__isnull=True).exists()
    ):
        following = stage_after(snapshot.stage)
        if following is None:
            return
        snapshot.stage = following
        snapshot.save(update_fields=["stage"])
        plan_stage(snapshot, following)
    queue(snapshot)


def queue(snapshot: Snapshot) -> None:
    """Enqueue open tasks that were never sent, or so long ago that the message may be lost."""
    long_ago = timezone.now() - timedelta(seconds=settings.BUILD_REQUEUE_AFTER_SECONDS)
    waiting = (
        snapshot.tasks.filter(done_at__isnull=True)
        .filter(Q(queued_at__isnull=True) | Q(queued_at__lt=long_ago))
        .exclude(begun_at__gte=long_ago)
        .select_for_update(skip_locked=True)
    )
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    BuildTask.objects.filter(pk__in=ids).update(queued_at=timezone.now())
    transaction.on_commit(lambda: enqueue(ids))


def enqueue(task_ids: list[int]) -> None:
    """Send tasks to the workers; without a broker, `resume_builds` sends them later."""
    try:
        for task_id in task_ids:
            current_app.send_task(TaskName.BUILDS_RUN_TASK, [task_id])
    except BrokerAway as error:
        log.warning("broker away, build waits", error=str(error))


def process_next_task(snapshot_id: int) -> bool:
    """Run one open task of a build in this process. Return False if none is available."""
    open_tasks = BuildTask.objects.filter(snapshot=snapshot_id, done_at__isnull=True).order_by("pk")
    for task_id in open_tasks.values_list("pk", flat=True):
        try:
            process_task(task_id)
        except TaskNotAvailableError:
            continue
        return True
    return False
