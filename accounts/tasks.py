from celery import shared_task

from accounts.models import ProfileImage
from accounts.services.profile_images import process_profile_image as develop
from common.enqueue import enqueue_task
from common.task_names import TaskName

# In one sweep; the next takes the others.
SWEEP_BATCH_SIZE = 100


@shared_task(name=TaskName.PROFILE_IMAGES_PROCESS)
def process_profile_image_task(pk: int) -> None:
    """Develop a person's picture, and show it from then on."""
    develop(pk)


@shared_task(name=TaskName.PROFILE_IMAGES_RETRY_PENDING, expires=30)
def retry_pending_profile_images() -> None:
    """Send again what a killed worker or an emptied broker left undeveloped."""
    for pk in (
        ProfileImage.objects.due().order_by("pk").values_list("pk", flat=True)[:SWEEP_BATCH_SIZE]
    ):
        enqueue_task(TaskName.PROFILE_IMAGES_PROCESS, pk)
