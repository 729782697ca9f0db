from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import structlog
from django.db import transaction
from django.utils import timezone

from common import strangers
from common.images import plans, work
from common.images.develop import Developed, Refused, develop
from common.images.formats import ACCEPTED
from common.images.models import ATTEMPTS, Picture, new_folder
from common.ratelimits import is_within_limit
from common.sending import send_later
from common.strangers import NotFetched
from posts.models import LinkPreview
from posts.models.link_preview import URL_LENGTH
from posts.page_head import HTML_TYPES, LARGEST_PAGE, PageHead, read_head

FRESH_FOR, FAILED_FOR = timedelta(days=7), timedelta(days=1)
LARGEST_IMAGE = 8 * 1024 * 1024
# Of one host, so that a post that everyone answers does not become an attack on it.
HOST_LIMIT, HOST_SECONDS = 20, 60
IMAGE_TYPES = tuple(ACCEPTED.split(","))
log = structlog.get_logger()


def preview_of(url: str) -> LinkPreview | None:
    """Return the card of a link, to be fetched if it is new or old; None where it can have none."""
    address = url.partition("#")[0]
    # In bytes, as the database's index of addresses counts.
    if len(address.encode()) > URL_LENGTH:
        return None
    preview, is_new = LinkPreview.objects.get_or_create(url=address)
    if is_new or ask_again(preview):
        transaction.on_commit(partial(send_later, "posts.tasks.fetch_preview", preview.pk))
    return preview


def ask_again(preview: LinkPreview) -> bool:
    """Have a card fetched again that is out of date; say whether it was."""
    age = FAILED_FOR if preview.is_failed else FRESH_FOR
    old = LinkPreview.objects.filter(pk=preview.pk, asked_at__lt=timezone.now() - age)
    again = {"state": Picture.State.WAITING, "attempts": 0, "claimed_at": None, "asked_at": timezone.now()}
    return bool(old.exclude(state=Picture.State.WAITING).update(**again))


def fetch_preview(pk: int) -> None:
    """Fetch a card that waits; what fails is remembered, too, so that it is not tried for each post."""
    waiting = LinkPreview.objects.filter(pk=pk).order_by("pk").first()
    if waiting is None or not is_within_limit("card", host_of(waiting), limit=HOST_LIMIT, seconds=HOST_SECONDS):
        # The sweep comes back to it.
        return
    preview = LinkPreview.objects.claim(pk)
    if preview is None:
        return
    try:
        if preview.attempts > ATTEMPTS:
            raise NotFetched("Reading the page takes too much.")
        head = read_page(preview.url)
    except NotFetched as error:
        finish(preview, {"state": Picture.State.FAILED, "reason": str(error)})
        return
    finish(preview, {"state": Picture.State.READY, "reason": "", **words_of(head), **picture_of(head)})


def host_of(preview: LinkPreview) -> str:
    return (urlsplit(preview.url).hostname or "").lower()[:253]


def read_page(url: str) -> PageHead:
    page = strangers.fetch(url, types=HTML_TYPES, limit=LARGEST_PAGE, cut=True)
    head = read_head(page)
    if not head.title:
        raise NotFetched("The page has no title.")
    return head


def words_of(head: PageHead) -> dict[str, object]:
    return {
        "title": head.title,
        "description": head.description,
        "site_name": head.site_name,
        "author_name": head.author,
    }


def picture_of(head: PageHead) -> dict[str, object]:
    """Return the columns of the page's picture, made anew by us as those of people are; a card can do without."""
    nothing = {"folder": new_folder(), "widths": [], "placeholder": "", "width": 0, "height": 0, "image_alt": ""}
    developed = fetched_picture(head.image)
    if developed is None:
        return nothing
    folder = new_folder()
    work.keep_files(folder, developed.files)
    return {**work.fields_of(developed), "folder": folder, "image_alt": head.image_alt}


def fetched_picture(url: str) -> Developed | None:
    if not url:
        return None
    try:
        return develop(strangers.fetch(url, types=IMAGE_TYPES, limit=LARGEST_IMAGE).body, plans.CARD)
    except (NotFetched, Refused) as error:
        log.info("card without its picture", url=url, error=str(error))
        return None


@transaction.atomic
def finish(preview: LinkPreview, fields: dict[str, object]) -> None:
    """Note what came of it; the files of the picture before go (see the trigger of the table)."""
    waiting = LinkPreview.objects.filter(pk=preview.pk, state=Picture.State.WAITING)
    if not waiting.update(**fields, claimed_at=None, asked_at=timezone.now()) and "folder" in fields:
        work.discard([str(fields["folder"])])
