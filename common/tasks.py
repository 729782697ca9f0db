from celery import shared_task

from common import heartbeat


@shared_task(expires=30)
def beat_heart() -> None:
    """Show `/readyz` that a worker takes tasks."""
    heartbeat.beat()
