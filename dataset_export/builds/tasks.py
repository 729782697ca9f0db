from celery import shared_task

from common.task_names import TaskName
from dataset_export.builds.cleanup import erase_cancelled
from dataset_export.builds.executor import advance_stage, process_task
from dataset_export.builds.locks import TaskNotAvailableError
from dataset_export.models import Snapshot


@shared_task(name=TaskName.BUILDS_RUN_TASK)
def run_build_task(task_id: int) -> None:
    """Run one task of a build. Idempotent: a message delivered twice does nothing."""
    try:
        process_task(task_id)
    except TaskNotAvailableError:
        return


@shared_task(name=TaskName.BUILDS_RESUME, expires=30)
def resume_builds() -> None:
    """Enqueue build tasks lost by Redis or a killed worker, and clean up cancelled builds."""
    erase_cancelled()
    for snapshot_id in Snapshot.objects.building().values_list("pk", flat=True):
        advance_stage(snapshot_id)
