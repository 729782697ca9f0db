from celery import shared_task

from dataset_export import transparency
from dataset_export.access.mail import tell_decisions
from dataset_export.building.erase import erase_cancelled
from dataset_export.building.work import NothingToDo, advance, work_on
from dataset_export.erasure import scrub as scrubbing
from dataset_export.erasure import staged
from dataset_export.erasure import work as erasing
from dataset_export.models import Scrub, Snapshot
from dataset_export.removals.announce import announce
from dataset_export.removals.mail import mail_notices
from dataset_export.removals.webhooks import send_messages
from dataset_export.review import counting, mail


@shared_task
def build_range(range_id: int) -> None:
    """Do one range of a build; a message that comes twice does nothing the second time."""
    try:
        work_on(range_id)
    except NothingToDo:
        return


@shared_task(expires=30)
def resume_builds() -> None:
    """Queue again what Redis or a killed worker lost, and erase what one left of a cancelled build."""
    erase_cancelled()
    for snapshot_id in Snapshot.objects.building().values_list("pk", flat=True):
        advance(snapshot_id)


@shared_task(expires=300)
def tell_askers() -> None:
    """Tell those who asked for access what was decided, also where a message was lost before."""
    tell_decisions()


@shared_task(expires=30)
def erase_withheld() -> None:
    """Erase what was withdrawn from builds and from the files of all snapshots; once that is done, see to the disk."""
    erase_cancelled()
    staged.erase_staged()
    if erasing.erase_withheld():
        tell_downloaders.delay()
        erasing.free_space()
    if Scrub.objects.filter(done_at__isnull=True).exists():
        scrub.delay()


@shared_task(expires=30)
def scrub() -> None:
    """Take the bytes of what was erased off the disk."""
    try:
        scrubbing.scrub()
    except NothingToDo:
        return


@shared_task(expires=60)
def tell_downloaders() -> None:
    """Tell those who have copies what was removed: the feed first, then e-mail and webhooks."""
    announce()
    send_webhooks.delay()
    mail_notices()


@shared_task(expires=30)
def send_webhooks() -> None:
    """Send what webhooks are to hear and what they did not take before."""
    send_messages()


@shared_task(expires=30)
def count_for_review() -> None:
    """Count over the rows of snapshots what their review pages show."""
    counting.count_what_is_new()


@shared_task(expires=240)
def count_for_transparency() -> None:
    """Count what the public page shows in sums."""
    transparency.keep_figures()


@shared_task
def tell_maker(snapshot_id: int) -> None:
    """Tell who made a snapshot why it was turned down."""
    mail.tell_maker(snapshot_id)
