"""Erase revoked rows from all snapshots, shard by shard, safe against killed workers."""

import time

import structlog
from django.db import connection

from common.advisory_locks import AdvisoryLock
from dataset_export.builds.locks import TaskNotAvailableError, session_lock
from dataset_export.erasure.affected_shards import STATES_WITH_FILES, shards_to_rewrite
from dataset_export.erasure.held import erase_final
from dataset_export.erasure.publish_revision import sign_revision
from dataset_export.erasure.rewrite_shard import rewrite
from dataset_export.models import Revision, RowProvenance, ShardChunk, ShardRewrite, Snapshot

# A task starts no further shard after this long; the next task continues.
_SECONDS = 200
log = structlog.get_logger()


def erase_revoked() -> list[Revision]:
    """Sign a new revision of each snapshot with revoked rows, and return these."""
    deadline, signed = time.monotonic() + _SECONDS, list[Revision]()
    for snapshot_id in (
        Snapshot.objects.filter(state__in=STATES_WITH_FILES)
        .order_by("pk")
        .values_list("pk", flat=True)
    ):
        try:
            revision = erase_from(snapshot_id, deadline)
        except TaskNotAvailableError:
            continue
        except Exception as error:
            # The rows stay revoked, and the other snapshots must not wait.
            log.exception("erasure failed", snapshot=snapshot_id, error=str(error))
            continue
        if revision:
            signed.append(revision)
    return signed


def erase_from(snapshot_id: int, deadline: float = float("inf")) -> Revision | None:
    """Rewrite the affected shards of a snapshot and sign a revision. None if there are none.

    Raises:
        TaskNotAvailableError: another worker is at it, or time is up.
    """
    with session_lock(AdvisoryLock.ERASURE, snapshot_id):
        snapshot = Snapshot.objects.get(pk=snapshot_id)
        if erased := erase_final(snapshot):
            log.info("held rows erased", snapshot=str(snapshot), rows=erased)
        for place in shards_to_rewrite(snapshot):
            if time.monotonic() > deadline:
                raise TaskNotAvailableError
            rewrite(snapshot_id, place)
        if not ShardRewrite.objects.filter(shard__snapshot=snapshot).exists():
            return None
        revision = sign_revision(snapshot_id)
    log.info(
        "rows erased", snapshot=str(snapshot), revision=revision.number, rows=revision.removed_rows
    )
    return revision


def vacuum_tables() -> None:
    """Free the space of erased rows for reuse; outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM {ShardChunk._meta.db_table}, {RowProvenance._meta.db_table}")
