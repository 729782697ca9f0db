from celery import shared_task

from common.enqueue import enqueue_task
from common.task_names import TaskName
from dataset_export.builds.cleanup import erase_cancelled
from dataset_export.builds.locks import TaskNotAvailableError
from dataset_export.erasure import vacuum
from dataset_export.erasure.in_progress_builds import erase_staged
from dataset_export.erasure.services import erase_revoked, vacuum_tables
from dataset_export.models import VacuumRequest

_NOTIFY_EXPIRES_SECONDS = 60


@shared_task(name=TaskName.ERASURE_ERASE_REVOKED, expires=30)
def erase_revoked_task() -> None:
    """Erase revoked rows from builds and published files, then request their vacuum."""
    erase_cancelled()
    erase_staged()
    if erase_revoked():
        enqueue_task(TaskName.REMOVALS_NOTIFY_DOWNLOADERS, expires=_NOTIFY_EXPIRES_SECONDS)
        vacuum_tables()
    if VacuumRequest.objects.filter(done_at__isnull=True).exists():
        vacuum_erased.delay()


@shared_task(name=TaskName.ERASURE_VACUUM, expires=30)
def vacuum_erased() -> None:
    """Remove the bytes of erased rows from the disk."""
    try:
        vacuum.process_vacuum_requests()
    except TaskNotAvailableError:
        return
