from celery import shared_task

from common.enqueue import enqueue_task
from common.task_names import TaskName
from posts import selectors, services
from posts.link_previews import fetcher
from posts.models import LinkPreview, Media
from posts.services import media

# In one sweep; the next takes the others.
_SWEPT = 100


@shared_task(name=TaskName.MEDIA_PROCESS)
def process_media_task(pk: int) -> None:
    """Develop a picture that somebody sent."""
    media.process_media(pk)


@shared_task(name=TaskName.MEDIA_RETRY_PENDING, expires=30)
def retry_pending_media() -> None:
    """Send again what a killed worker or an emptied broker left undeveloped."""
    for pk in Media.objects.due().order_by("pk").values_list("pk", flat=True)[:_SWEPT]:
        enqueue_task(TaskName.MEDIA_PROCESS, pk)


@shared_task(name=TaskName.LINK_PREVIEWS_FETCH)
def fetch_preview_task(pk: int) -> None:
    """Fetch what the page behind a link says about itself."""
    fetcher.fetch_preview(pk)


@shared_task(name=TaskName.LINK_PREVIEWS_RETRY_PENDING, expires=30)
def retry_pending_previews() -> None:
    """Send again the links that nobody has fetched."""
    for pk in LinkPreview.objects.due().order_by("pk").values_list("pk", flat=True)[:_SWEPT]:
        enqueue_task(TaskName.LINK_PREVIEWS_FETCH, pk)


@shared_task(name=TaskName.MEDIA_DELETE_UNUSED, expires=600)
def delete_orphaned_media_task() -> None:
    """Delete pictures that were sent and never used."""
    media.delete_orphaned_media()


@shared_task(name=TaskName.POLLS_CLOSE, expires=10)
def close_polls() -> None:
    """Tell of the end of polls whose time is over."""
    while services.close_next_poll():
        pass


@shared_task(name=TaskName.DRAFTS_PUBLISH_DUE, expires=15)
def publish_scheduled_posts() -> None:
    """Publish the posts whose time has come, each in a task of its own."""
    for draft_id in selectors.due_scheduled_posts():
        enqueue_task(TaskName.DRAFTS_PUBLISH, draft_id)


@shared_task(name=TaskName.DRAFTS_PUBLISH)
def publish_due_draft(draft_id: int) -> None:
    services.publish_when_due(draft_id=draft_id)
