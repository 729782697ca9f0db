from celery import shared_task

from accounts.models import ProfileImage
from accounts.services.profile_images import process_profile_image as develop
from common.enqueue import enqueue_task
from common.task_names import TaskName

# Per sweep; the next one takes the rest.
SWEEP_BATCH_SIZE = 100


@shared_task(name=TaskName.PROFILE_IMAGES_PROCESS)
def process_profile_image_task(pk: int) -> None:
    """Process and show a profile image."""
    develop(pk)


@shared_task(name=TaskName.PROFILE_IMAGES_RETRY_PENDING, expires=30)
def retry_pending_profile_images() -> None:
    """Re-enqueue images that a killed worker or an emptied broker left unprocessed."""
    for pk in (
        ProfileImage.objects.due().order_by("pk").values_list("pk", flat=True)[:SWEEP_BATCH_SIZE]
    ):
        enqueue_task(TaskName.PROFILE_IMAGES_PROCESS, pk)
