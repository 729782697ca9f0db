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
# Of one host, so that a post that everyone answers does not become an attack on it.
HOST_LIMIT, HOST_SECONDS = 20, 60
# Of pages that one person has us fetch: more than a thread of links, less than what would keep workers busy.
PERSON_LIMIT, PERSON_SECONDS = 30, 600
# Of cards that are fetched at the same time, whoever asked for them.
MAX_AT_ONCE = 4
# For a page and its picture together.
CARD_SECONDS = 10
IMAGE_TYPES = tuple(ACCEPTED.split(","))
log = structlog.get_logger()


def get_or_create_preview(url: str, *, asked_by: int | None = None) -> LinkPreview | None:
    """Return the card of a link, to be fetched if it is new or old; None where it can have none.

    A person who has had us fetch many pages gets only cards that are there.
    """
    address = url.partition("#")[0]
    # In bytes, as the database's index of addresses counts.
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
    """Have a card fetched again that is out of date; say whether it was."""
    if not is_out_of_date(preview):
        return False
    # Somebody else may have done so just now.
    old = LinkPreview.objects.filter(pk=preview.pk, asked_at=preview.asked_at)
    again = {
        "state": ImageAsset.State.WAITING,
        "attempts": 0,
        "claimed_at": None,
        "asked_at": timezone.now(),
    }
    return bool(old.exclude(state=ImageAsset.State.WAITING).update(**again))


def fetch_preview(pk: int) -> None:
    """Fetch a card that waits; what fails is remembered, too, so that it is not tried for each post."""
    waiting = LinkPreview.objects.filter(pk=pk).order_by("pk").first()
    if (
        waiting is None
        or LinkPreview.objects.being_fetched().count() >= MAX_AT_ONCE
        or not allow_request("card", host_of(waiting), limit=HOST_LIMIT, seconds=HOST_SECONDS)
    ):
        # The sweep comes back to it.
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
    """Return the columns of the page's picture, made anew by us as those of people are; a card can do without."""
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
    """Return a page's picture, fetched in the time that the page left of what a card may take."""
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
    """Note what came of it; the files of the picture before go (see the trigger of the table)."""
    waiting = LinkPreview.objects.filter(pk=preview.pk, state=ImageAsset.State.WAITING)
    if (
        not waiting.update(**fields, claimed_at=None, asked_at=timezone.now())
        and "folder" in fields
    ):
        services.schedule_deletion([str(fields["folder"])])
