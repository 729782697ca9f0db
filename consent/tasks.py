from celery import shared_task

from consent.transparency_log.checkpoints import sign_checkpoint


@shared_task(expires=60)
def sign_checkpoints() -> None:
    """Sign what has been decided since the newest checkpoint."""
    sign_checkpoint()
