from celery import shared_task

from common import heartbeat, mail
from common.images import services
from common.task_names import TaskName


@shared_task(name=TaskName.HEARTBEAT_RECORD, expires=30)
def record_heartbeat_task(queue: str) -> None:
    """Tell `/healthz/workers` that a worker takes tasks from a queue."""
    heartbeat.record_heartbeat(queue)


@shared_task(name=TaskName.FILES_DELETE_ORPHANED, expires=30)
def delete_orphaned_files_task() -> None:
    """Delete the files of deleted rows."""
    services.delete_orphaned_files()


@shared_task(name=TaskName.MAIL_SEND)
def send_mail(pk: int) -> None:
    """Send one mail."""
    mail.send_queued(pk)


@shared_task(name=TaskName.MAIL_RETRY_PENDING, expires=15)
def send_waiting_mail() -> None:
    """Re-enqueue mails that no worker has or the mail server did not accept."""
    mail.send_waiting()
