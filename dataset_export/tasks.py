from celery import shared_task

from dataset_export.access.mail import tell_decisions
from dataset_export.building.erase import erase_cancelled
from dataset_export.building.work import NothingToDo, advance, work_on
from dataset_export.models import Snapshot


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
