from celery import shared_task

from common.task_names import TaskName
from dataset_export.transparency.statistics import refresh_transparency_statistics


@shared_task(name=TaskName.TRANSPARENCY_COMPUTE_STATISTICS, expires=240)
def compute_transparency_statistics() -> None:
    """Compute the statistics of the public transparency page."""
    refresh_transparency_statistics()
