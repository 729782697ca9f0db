from celery import shared_task

from common.task_names import TaskName
from dataset_export.review.mail import notify_creator
from dataset_export.review.statistics import compute_missing


@shared_task(name=TaskName.REVIEW_COMPUTE_STATISTICS, expires=30)
def compute_review_statistics() -> None:
    """Compute the statistics that review pages of large snapshots show."""
    compute_missing()


@shared_task(name=TaskName.BUILDS_NOTIFY_CREATOR)
def notify_creator_task(snapshot_id: int) -> None:
    """Email the creator of a snapshot why it was rejected."""
    notify_creator(snapshot_id)
