from celery import shared_task

from common.task_names import TaskName
from dataset_export.access.mail import send_decisions
from dataset_export.builds.cleanup import erase_cancelled
from dataset_export.builds.executor import TaskNotAvailableError, advance_stage, process_task
from dataset_export.erasure import in_progress_builds
from dataset_export.erasure import services as erasing
from dataset_export.erasure import vacuum as scrubbing
from dataset_export.models import Snapshot, VacuumRequest
from dataset_export.removals.announce import announce
from dataset_export.removals.mail import mail_notices
from dataset_export.removals.webhooks import send_messages
from dataset_export.review import mail
from dataset_export.review import statistics as review_statistics
from dataset_export.transparency import statistics as transparency_statistics


@shared_task(name=TaskName.BUILDS_RUN_TASK)
def build_range(range_id: int) -> None:
    """Do one range of a build; a message that comes twice does nothing the second time."""
    try:
        process_task(range_id)
    except TaskNotAvailableError:
        return


@shared_task(name=TaskName.BUILDS_RESUME, expires=30)
def resume_builds() -> None:
    """Queue again what Redis or a killed worker lost, and erase what one left of a cancelled build."""
    erase_cancelled()
    for snapshot_id in Snapshot.objects.building().values_list("pk", flat=True):
        advance_stage(snapshot_id)


@shared_task(name=TaskName.ACCESS_NOTIFY_REQUESTERS, expires=300)
def notify_requesters() -> None:
    """Tell those who asked for access what was decided, also where a message was lost before."""
    send_decisions()


@shared_task(name=TaskName.ERASURE_ERASE_REVOKED, expires=30)
def erase_revoked_task() -> None:
    """Erase what was withdrawn from builds and from the files of all snapshots; once that is done, see to the disk."""
    erase_cancelled()
    in_progress_builds.erase_staged()
    if erasing.erase_revoked():
        notify_downloaders.delay()
        erasing.vacuum_tables()
    if VacuumRequest.objects.filter(done_at__isnull=True).exists():
        vacuum_erased.delay()


@shared_task(name=TaskName.ERASURE_VACUUM, expires=30)
def vacuum_erased() -> None:
    """Take the bytes of what was erased off the disk."""
    try:
        scrubbing.scrub()
    except TaskNotAvailableError:
        return


@shared_task(name=TaskName.REMOVALS_NOTIFY_DOWNLOADERS, expires=60)
def notify_downloaders() -> None:
    """Tell those who have copies what was removed: the feed first, then e-mail and webhooks."""
    announce()
    send_webhooks.delay()
    mail_notices()


@shared_task(name=TaskName.REMOVALS_SEND_WEBHOOKS, expires=30)
def send_webhooks() -> None:
    """Send what webhooks are to hear and what they did not take before."""
    send_messages()


@shared_task(name=TaskName.REVIEW_COMPUTE_STATISTICS, expires=30)
def compute_review_statistics() -> None:
    """Count over the rows of snapshots what their review pages show."""
    review_statistics.compute_missing()


@shared_task(name=TaskName.TRANSPARENCY_COMPUTE_STATISTICS, expires=240)
def compute_transparency_statistics() -> None:
    """Count what the public page shows in sums."""
    transparency_statistics.refresh_transparency_statistics()


@shared_task(name=TaskName.BUILDS_NOTIFY_CREATOR)
def notify_creator_task(snapshot_id: int) -> None:
    """Tell who made a snapshot why it was turned down."""
    mail.notify_creator(snapshot_id)
