"""Empty builds that stand still and hold texts of people who said no meanwhile."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models.functions import Greatest
from django.utils import timezone

from dataset_export import audit
from dataset_export.building.erase import erase
from dataset_export.building.plan import plan_stage
from dataset_export.models import AuditEntry, Snapshot
from dataset_export.selectors import withheld_candidates

STANDING = (Snapshot.State.PAUSED, Snapshot.State.FAILED)
# Whoever goes on within this time loses nothing that is done.
GRACE = timedelta(hours=1)
WHY = "Somebody whose posts it held said no while it stood still. It begins again when it goes on."
log = structlog.get_logger()


def empty_standing_builds() -> list[int]:
    """Erase what builds have laid down that nobody went on with, where a text in it must go; return their ids."""
    emptied = []
    for snapshot_id in Snapshot.objects.filter(state__in=STANDING).order_by("pk").values_list("pk", flat=True):
        if empty(snapshot_id):
            emptied.append(snapshot_id)
            log.info("build emptied", snapshot=snapshot_id)
    return emptied


@transaction.atomic
def empty(snapshot_id: int) -> bool:
    """Put a build back to its beginning: its watermarks stay, so that it comes to the same rows if it goes on."""
    standing = Snapshot.objects.select_for_update(of=("self",)).filter(pk=snapshot_id, state__in=STANDING)
    snapshot = standing.order_by("pk").first()
    if snapshot is None or not snapshot.candidates.exists() or was_moving_lately(snapshot):
        return False
    if not withheld_candidates(snapshot).exists():
        return False
    erase(snapshot.pk)
    snapshot.ranges.all().delete()
    snapshot.stage = Snapshot.Stage.PREPARE
    snapshot.save(update_fields=["stage"])
    plan_stage(snapshot, snapshot.stage)
    audit.record(actor=None, act=AuditEntry.Act.BUILD_EMPTIED, object=snapshot, reason=WHY)
    return True


def was_moving_lately(snapshot: Snapshot) -> bool:
    # Of several times PostgreSQL takes the greatest that there is.
    newest = Greatest("done_at", "failed_at", "begun_at", "queued_at")
    return snapshot.ranges.annotate(newest=newest).filter(newest__gt=timezone.now() - GRACE).exists()
