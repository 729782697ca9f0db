"""Erase what cancelled and finished builds no longer need."""

from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from dataset_export.models import (
    DroppedPost,
    HeldRow,
    IntermediatePartition,
    RowProvenance,
    Snapshot,
    StagedPost,
    VacuumRequest,
)


@transaction.atomic
def erase(snapshot_id: int) -> None:
    """Delete the rows and files of a snapshot; its counts stay."""
    snapshot = Snapshot.objects.get(pk=snapshot_id)
    erase_staging(snapshot)
    DroppedPost.objects.filter(snapshot=snapshot).delete()
    snapshot.shards.all().delete()
    snapshot.provenance.all().delete()
    snapshot.held_rows.all().delete()
    snapshot.removals.filter(revision__isnull=True).delete()
    VacuumRequest.objects.create(tables=VacuumRequest.Tables.FILES)


def erase_staging(snapshot: Snapshot) -> None:
    """Delete what a build needs only while it runs."""
    StagedPost.objects.filter(snapshot=snapshot).delete()
    IntermediatePartition.objects.filter(snapshot=snapshot).delete()
    VacuumRequest.objects.create(tables=VacuumRequest.Tables.STAGING)


def erase_cancelled(snapshot_id: int | None = None) -> None:
    """Erase what workers wrote for a build after its cancellation."""
    rows = [
        table.objects.filter(snapshot=OuterRef("pk"))
        for table in (StagedPost, IntermediatePartition, RowProvenance, DroppedPost)
    ]
    left = Snapshot.objects.filter(reduce(or_, map(Exists, rows)), state=Snapshot.State.CANCELLED)
    if snapshot_id is not None:
        left = left.filter(pk=snapshot_id)
    for cancelled in left.values_list("pk", flat=True):
        erase(cancelled)


def erase_held_rows(held: QuerySet[HeldRow]) -> int:
    """Delete held rows permanently and return how many there were."""
    erased, _ = held.delete()
    if erased:
        VacuumRequest.objects.create(tables=VacuumRequest.Tables.FILES)
    return erased
