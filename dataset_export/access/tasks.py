from celery import shared_task

from common.task_names import TaskName
from dataset_export.access.mail import send_decisions


@shared_task(name=TaskName.ACCESS_NOTIFY_REQUESTERS, expires=300)
def notify_requesters() -> None:
    """Email the decisions that requesters don't know yet, also those of a lost message."""
    send_decisions()
