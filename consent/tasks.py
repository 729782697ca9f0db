from celery import shared_task

from common.task_names import TaskName
from consent.transparency_log.checkpoints import sign_checkpoint


@shared_task(name=TaskName.TRANSPARENCY_LOG_SIGN_CHECKPOINT, expires=60)
def sign_checkpoints() -> None:
    """Sign the decisions since the newest checkpoint."""
    sign_checkpoint()
