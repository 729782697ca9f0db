"""Delete every text of a snapshot that nobody will get."""

from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Exists, OuterRef

from dataset_export.models import Candidate, Drop, Record, Scrub, Snapshot, Spill


@transaction.atomic
def erase(snapshot_id: int) -> None:
    """Delete the rows and files of a snapshot; what it counted stays."""
    snapshot = Snapshot.objects.get(pk=snapshot_id)
    erase_staging(snapshot)
    Drop.objects.filter(snapshot=snapshot).delete()
    snapshot.shards.all().delete()
    snapshot.records.all().delete()
    snapshot.held_rows.all().delete()
    snapshot.removals.filter(revision__isnull=True).delete()
    Scrub.objects.create(tables=Scrub.Tables.FILES)


def erase_staging(snapshot: Snapshot) -> None:
    """Delete what a build needs only while it runs."""
    Candidate.objects.filter(snapshot=snapshot).delete()
    Spill.objects.filter(snapshot=snapshot).delete()
    Scrub.objects.create(tables=Scrub.Tables.STAGING)


def erase_cancelled(snapshot_id: int | None = None) -> None:
    """Erase what workers wrote for builds that were cancelled meanwhile, as the cancellation could not see it."""
    rows = [
        table.objects.filter(snapshot=OuterRef("pk")) for table in (Candidate, Spill, Record, Drop)
    ]
    left = Snapshot.objects.filter(reduce(or_, map(Exists, rows)), state=Snapshot.State.CANCELLED)
    if snapshot_id is not None:
        left = left.filter(pk=snapshot_id)
    for cancelled in left.values_list("pk", flat=True):
        erase(cancelled)
