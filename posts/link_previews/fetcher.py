import time
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import structlog
from django.db import transaction
from django.utils import timezone

from common import http_client
from common.enqueue import enqueue_task
from common.http_client import FetchError
from common.images import services, variants
from common.images.formats import ACCEPTED
from common.images.models import MAX_PROCESSING_ATTEMPTS, ImageAsset, new_storage_key
from common.images.runner import ImageProcessingError, ProcessedImage, process_image
from common.ratelimits import allow_request
from common.task_names import TaskName
from posts.link_previews.parser import HTML_TYPES, MAX_PAGE_BYTES, PageMetadata, extract_metadata
from posts.models import LinkPreview
from posts.models.link_preview import MAX_URL_LENGTH

FRESH_FOR, FAILED_FOR = timedelta(days=7), timedelta(days=1)
MAX_PREVIEW_IMAGE_BYTES = 8 * 1024 * 1024
# Per host, so that a popular post does not become an attack on it.
HOST_LIMIT, HOST_SECONDS = 20, 60
# Pages fetched per user: more than a thread of links, too few to keep workers busy.
PERSON_LIMIT, PERSON_SECONDS = 30, 600
# Previews fetched at the same time, for all users.
MAX_AT_ONCE = 4
# For a page and its image together.
CARD_SECONDS = 10
IMAGE_TYPES = tuple(ACCEPTED.split(","))
log = structlog.get_logger()


def get_or_create_preview(url: str, *, asked_by: int | None = None) -> LinkPreview | None:
    """Return the preview of a link, to be fetched if new or stale; None if it can have none.

    Users who exceed their limit get only existing previews.
    """
    address = url.partition("#")[0]
    # In bytes, like the database's index of URLs.
    if len(address.encode()) > MAX_URL_LENGTH:
        return None
    preview = LinkPreview.objects.filter(url=address).order_by("pk").first()
    if preview is not None and not is_out_of_date(preview):
        return preview
    if asked_by is not None and not allow_request(
        "cards", str(asked_by), limit=PERSON_LIMIT, seconds=PERSON_SECONDS
    ):
        return preview
    preview, is_new = LinkPreview.objects.get_or_create(url=address)
    if is_new or refresh_if_stale(preview):
        transaction.on_commit(partial(enqueue_task, TaskName.LINK_PREVIEWS_FETCH, preview.pk))
    return preview


def is_out_of_date(preview: LinkPreview) -> bool:
    age = FAILED_FOR if preview.is_failed else FRESH_FOR
    return preview.state != ImageAsset.State.WAITING and preview.asked_at < timezone.now() - age


def refresh_if_stale(preview: LinkPreview) -> bool:
    """Enqueue fetching a stale preview; return whether it was stale."""
    if not is_out_of_date(preview):
        return False
    # Another request may have done so just now.
    old = LinkPreview.objects.filter(pk=preview.pk, asked_at=preview.asked_at)
    again = {
        "state": ImageAsset.State.WAITING,
        "attempts": 0,
        "claimed_at": None,
        "asked_at": timezone.now(),
    }
    return bool(old.exclude(state=ImageAsset.State.WAITING).update(**again))


def fetch_preview(pk: int) -> None:
    """Fetch a pending preview; failures are stored, so they are not retried for each post."""
    waiting = LinkPreview.objects.filter(pk=pk).order_by("pk").first()
    if (
        waiting is None
        or LinkPreview.objects.being_fetched().count() >= MAX_AT_ONCE
        or not allow_request("card", host_of(waiting), limit=HOST_LIMIT, seconds=HOST_SECONDS)
    ):
        # The sweep retries it.
        return
    preview = LinkPreview.objects.claim(pk)
    if preview is None:
        return
    deadline = time.monotonic() + CARD_SECONDS
    try:
        if preview.attempts > MAX_PROCESSING_ATTEMPTS:
            raise FetchError("The page takes too long or too much memory to parse.")
        head = read_page(preview.url)
    except FetchError as error:
        save_preview(preview, {"state": ImageAsset.State.FAILED, "reason": str(error)})
        return
    save_preview(
        preview,
        {
            "state": ImageAsset.State.READY,
            "reason": "",
            **text_fields(head),
            **image_fields(head, deadline),
        },
    )


def host_of(preview: LinkPreview) -> str:
    return (urlsplit(preview.url).hostname or "").lower()[:253]


def read_page(url: str) -> PageMetadata:
    page = http_client.fetch(url, types=HTML_TYPES, limit=MAX_PAGE_BYTES, cut=True)
    head = extract_metadata(page)
    if not head.title:
        raise FetchError("The page has no title.")
    return head


def text_fields(head: PageMetadata) -> dict[str, object]:
    return {
        "title": head.title,
        "description": head.description,
        "site_name": head.site_name,
        "author_name": head.author,
    }


def image_fields(head: PageMetadata, deadline: float) -> dict[str, object]:
    """Return the columns of the page's image, processed like uploads; a preview can lack one."""
    nothing = {
        "folder": new_storage_key(),
        "widths": [],
        "placeholder": "",
        "width": 0,
        "height": 0,
        "image_alt": "",
    }
    developed = fetch_card_image(head.image, deadline)
    if developed is None:
        return nothing
    folder = new_storage_key()
    services.store_files(folder, developed.files)
    return {**services.ready_fields(developed), "folder": folder, "image_alt": head.image_alt}


def fetch_card_image(url: str, deadline: float) -> ProcessedImage | None:
    """Return a page's image, fetched in the time left for the preview."""
    seconds = deadline - time.monotonic()
    if not url or seconds <= 0:
        return None
    try:
        file = http_client.fetch(
            url, types=IMAGE_TYPES, limit=MAX_PREVIEW_IMAGE_BYTES, seconds=seconds
        )
        return process_image(file.body, variants.CARD)
    except (FetchError, ImageProcessingError) as error:
        log.info("card without its picture", url=url, error=str(error))
        return None


@transaction.atomic
def save_preview(preview: LinkPreview, fields: dict[str, object]) -> None:
    """Save the result; a trigger deletes the files of the previous image."""
    waiting = LinkPreview.objects.filter(pk=preview.pk, state=ImageAsset.State.WAITING)
    if (
        not waiting.update(**fields, claimed_at=None, asked_at=timezone.now())
        and "folder" in fields
    ):
        services.schedule_deletion([str(fields["folder"])])
