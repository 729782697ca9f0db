from celery import shared_task

from common.task_names import TaskName
from dataset_export.removals.announce import announce
from dataset_export.removals.mail import mail_notices
from dataset_export.removals.webhooks import send_messages


@shared_task(name=TaskName.REMOVALS_NOTIFY_DOWNLOADERS, expires=60)
def notify_downloaders() -> None:
    """Announce removals to downloaders: first in the feed, then by webhook and email."""
    announce()
    send_webhooks.delay()
    mail_notices()


@shared_task(name=TaskName.REMOVALS_SEND_WEBHOOKS, expires=30)
def send_webhooks() -> None:
    """Send pending webhook messages, including retries."""
    send_messages()
