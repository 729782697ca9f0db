from celery import shared_task

from common.sending import send_later
from posts import selectors, services
from posts.models import LinkPreview, Media
from posts.services import media, previews

# In one sweep; the next takes the others.
SWEPT = 100


@shared_task
def develop_media(pk: int) -> None:
    """Develop a picture that somebody sent."""
    media.develop_media(pk)


@shared_task(expires=30)
def develop_waiting() -> None:
    """Send again what a killed worker or an emptied broker left undeveloped."""
    for pk in Media.objects.due().order_by("pk").values_list("pk", flat=True)[:SWEPT]:
        send_later(develop_media.name, pk)


@shared_task
def fetch_preview(pk: int) -> None:
    """Fetch what the page behind a link says about itself."""
    previews.fetch_preview(pk)


@shared_task(expires=30)
def fetch_waiting() -> None:
    """Send again the links that nobody has fetched."""
    for pk in LinkPreview.objects.due().order_by("pk").values_list("pk", flat=True)[:SWEPT]:
        send_later(fetch_preview.name, pk)


@shared_task(expires=600)
def delete_orphans() -> None:
    """Delete pictures that were sent and never used."""
    media.delete_orphans()


@shared_task(expires=10)
def end_polls() -> None:
    """Tell of the end of polls whose time is over."""
    while services.end_next_poll():
        pass


@shared_task(expires=15)
def publish_what_is_due() -> None:
    """Publish the posts whose time has come, each in a task of its own."""
    for draft_id in selectors.due_drafts():
        send_later(publish_one.name, draft_id)


@shared_task
def publish_one(draft_id: int) -> None:
    services.publish_when_due(draft_id=draft_id)
