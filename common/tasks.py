from celery import shared_task

from common import heartbeat
from common.images import work


@shared_task(expires=30)
def beat_heart() -> None:
    """Show `/readyz` that a worker takes tasks."""
    heartbeat.beat()


@shared_task(expires=30)
def remove_discarded_files() -> None:
    """Remove the files of what was deleted."""
    work.remove_discarded()
