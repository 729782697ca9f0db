"""Put rewritten files in the place of the old ones, and sign the snapshot as it is then."""

from collections import Counter
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from dataset_export.building.finish import entry
from dataset_export.documents import make_documents
from dataset_export.erasure.removals import removals_jsonl
from dataset_export.erasure.revisions import keep_revision
from dataset_export.erasure.rewrite import next_number
from dataset_export.erasure.withheld import held_snapshot
from dataset_export.models import Record, Removal, Revision, Rewrite, Scrub, Shard, ShardPart, Snapshot
from dataset_export.pipeline.manifest import canonical
from dataset_export.pipeline.rows import moment
from dataset_export.selectors import ordered_shards

TAKE_THE_NEW = f"""
UPDATE {Shard._meta.db_table} shard
SET revision = new.revision, rows = new.rows, size = new.size, sha256 = new.sha256
FROM {Rewrite._meta.db_table} new WHERE new.shard_id = shard.id AND shard.snapshot_id = %s
"""  # noqa: S608

ERASE_THE_OLD = f"""
DELETE FROM {ShardPart._meta.db_table} part USING {Shard._meta.db_table} shard
WHERE part.shard_id = shard.id AND shard.snapshot_id = %s AND part.revision <> shard.revision
"""  # noqa: S608

# A conversation goes with all of its messages.
FORGET_SALTS = f"""
UPDATE {Record._meta.db_table} record SET removed_in = %s, salt = NULL FROM {Removal._meta.db_table} gone
WHERE gone.snapshot_id = %s AND gone.revision = %s
    AND (record.snapshot_id, record.configuration, record.split, record.shard_number, record.row)
    = (gone.snapshot_id, gone.configuration, gone.split, gone.shard_number, gone.row)
"""  # noqa: S608


@transaction.atomic
def sign_revision(snapshot_id: int) -> Revision:
    """Serve what was rewritten, from one moment on, with a manifest that says so.

    Raises:
        NothingToDo: the snapshot has no files any more.
    """
    snapshot, at = held_snapshot(snapshot_id), timezone.now()
    number = next_number(snapshot)
    removed = Removal.objects.filter(snapshot=snapshot, revision__isnull=True).update(revision=number, at=at)
    put_in_place(snapshot, number)
    content = canonical(revised(snapshot, number, at))
    revision = keep_revision(snapshot.pk, number=number, content=content, at=at, removed_rows=removed)
    snapshot.manifest_json, snapshot.signature = content, revision.signature
    snapshot.save(update_fields=["manifest_json", "signature"])
    if snapshot.published_at is not None:
        make_documents(snapshot)
    Scrub.objects.create(tables=Scrub.Tables.FILES, asked_at=at)
    return revision


def put_in_place(snapshot: Snapshot, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TAKE_THE_NEW, [snapshot.pk])
        cursor.execute(ERASE_THE_OLD, [snapshot.pk])
        cursor.execute(FORGET_SALTS, [number, snapshot.pk, number])
    Rewrite.objects.filter(shard__snapshot=snapshot).delete()


def revised(snapshot: Snapshot, number: int, at: datetime) -> dict[str, Any]:
    """Return the manifest of the next revision: other files, and what is gone.

    Counts and Merkle root stay those of the build: they tell of all rows, and the proofs beside the files say which
    of those are there.
    """
    return snapshot.manifest | {
        "shards": [entry(shard) for shard in ordered_shards(snapshot)],
        "revision": {"number": number, "previous": snapshot.manifest_sha256, "at": moment(at)},
        "removals": removals_of(snapshot),
    }


def removals_of(snapshot: Snapshot) -> dict[str, Any]:
    signed = Removal.objects.filter(snapshot=snapshot, revision__isnull=False)
    by_reason = Counter(dict(signed.values_list("reason").annotate(rows=Count("pk"))))
    return {
        "total": by_reason.total(),
        "by_reason": dict(by_reason),
        "sha256": sha256(removals_jsonl(snapshot)).hexdigest(),
    }
