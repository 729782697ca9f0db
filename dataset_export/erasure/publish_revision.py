"""Swap rewritten files in and sign the new revision."""

from collections import Counter
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from dataset_export.builds.stages.finish import shard_entry
from dataset_export.eligibility import counted_configuration, ordered_shards
from dataset_export.erasure.affected_shards import lock_snapshot
from dataset_export.erasure.rewrite_shard import content_of, next_number
from dataset_export.models import (
    BuildTask,
    HeldRow,
    Removal,
    Revision,
    RowProvenance,
    Shard,
    ShardChunk,
    ShardRewrite,
    Snapshot,
    VacuumRequest,
)
from dataset_export.pipeline.manifest import canonical_manifest, next_manifest
from dataset_export.pipeline.rows import row_timestamp
from dataset_export.pipeline.shards import read_jsonl_shard
from dataset_export.pipeline.summary import Summary
from dataset_export.publication.documents import keep_documents, with_documents
from dataset_export.publication.removals import removals_jsonl
from dataset_export.signing.revisions import create_revision

ACTIVATE_NEW_CHUNKS = f"""
UPDATE {Shard._meta.db_table} shard
SET revision = new.revision, rows = new.rows, size = new.size, sha256 = new.sha256
FROM {ShardRewrite._meta.db_table} new WHERE new.shard_id = shard.id AND shard.snapshot_id = %s
"""  # noqa: S608

DELETE_OLD_CHUNKS = f"""
DELETE FROM {ShardChunk._meta.db_table} part USING {Shard._meta.db_table} shard
WHERE part.shard_id = shard.id AND shard.snapshot_id = %s AND part.revision <> shard.revision
"""  # noqa: S608

# Statistics per shard, which the manifest sums up.
COUNT_THE_NEW = f"""
UPDATE {BuildTask._meta.db_table} part SET summary = new.summary
FROM {ShardRewrite._meta.db_table} new
JOIN {Shard._meta.db_table} shard ON shard.id = new.shard_id
WHERE shard.snapshot_id = %s AND shard.format = '{Shard.Format.JSON_LINES}' AND new.summary <> '{{}}'
    AND part.stage = '{Snapshot.Stage.WRITE}'
    AND (part.snapshot_id, part.configuration, part.split, part.shard_number)
    = (shard.snapshot_id, shard.configuration, shard.split, shard.number)
"""  # noqa: S608

# A conversation is removed with all its messages.
CLEAR_SALTS = f"""
UPDATE {RowProvenance._meta.db_table} record SET removed_in = %s, salt = NULL
FROM {Removal._meta.db_table} gone
WHERE gone.snapshot_id = %s AND gone.revision = %s
    AND (record.snapshot_id, record.configuration, record.split, record.shard_number, record.row)
    = (gone.snapshot_id, gone.configuration, gone.split, gone.shard_number, gone.row)
"""  # noqa: S608


TAKE_BACK = f"""
UPDATE {RowProvenance._meta.db_table} record
SET removed_in = NULL, salt = CASE record.message WHEN 0 THEN held.salt END
FROM {HeldRow._meta.db_table} held
WHERE held.snapshot_id = %s AND held.returns_in = %s
    AND (record.snapshot_id, record.configuration, record.split, record.shard_number, record.row)
    = (held.snapshot_id, held.configuration, held.split, held.shard_number, held.row)
"""  # noqa: S608

UNDO_REMOVALS = f"""
UPDATE {Removal._meta.db_table} gone SET returned_in = held.returns_in
FROM {HeldRow._meta.db_table} held
WHERE held.snapshot_id = %s AND held.returns_in = %s AND gone.returned_in IS NULL
    AND (gone.snapshot_id, gone.configuration, gone.split, gone.shard_number, gone.row)
    = (held.snapshot_id, held.configuration, held.split, held.shard_number, held.row)
"""  # noqa: S608


@transaction.atomic
def sign_revision(snapshot_id: int) -> Revision:
    """Serve the rewritten files from one moment on, under a new signed manifest.

    Raises:
        TaskNotAvailableError: the snapshot has no files any more.
    """
    snapshot, at = lock_snapshot(snapshot_id), timezone.now()
    number = next_number(snapshot)
    removed = Removal.objects.filter(snapshot=snapshot, revision__isnull=True).update(
        revision=number, at=at
    )
    swap_files(snapshot, number)
    manifest, described = revised_manifest(snapshot, number, at), dict[str, bytes]()
    if snapshot.published_at is not None:
        manifest, described = with_documents(snapshot, manifest, number)
    content = canonical_manifest(manifest)
    revision = create_revision(
        snapshot.pk, number=number, content=content, at=at, removed_rows=removed
    )
    snapshot.manifest_json, snapshot.signature = content, revision.signature
    snapshot.save(update_fields=["manifest_json", "signature"])
    if snapshot.published_at is not None:
        keep_documents(snapshot, number, described)
    VacuumRequest.objects.create(tables=VacuumRequest.Tables.FILES, asked_at=at)
    return revision


def swap_files(snapshot: Snapshot, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ACTIVATE_NEW_CHUNKS, [snapshot.pk])
        cursor.execute(COUNT_THE_NEW, [snapshot.pk])
        cursor.execute(DELETE_OLD_CHUNKS, [snapshot.pk])
        cursor.execute(CLEAR_SALTS, [number, snapshot.pk, number])
        cursor.execute(TAKE_BACK, [snapshot.pk, number])
        cursor.execute(UNDO_REMOVALS, [snapshot.pk, number])
    HeldRow.objects.filter(snapshot=snapshot, returns_in=number).delete()
    ShardRewrite.objects.filter(shard__snapshot=snapshot).delete()


def revised_manifest(snapshot: Snapshot, number: int, at: datetime) -> dict[str, Any]:
    """Return the manifest of the next revision, with its files, statistics and removals.

    The Merkle root stays that of the build: it covers all rows, and the proof files say which of
    them remain.
    """
    there = snapshot.provenance.filter(
        configuration=counted_configuration(snapshot), removed_in__isnull=True
    )
    figures = there.aggregate(posts=Count("pk"), authors=Count("subject", distinct=True))
    manifest = next_manifest(
        snapshot.manifest,
        summary=_summary_of(snapshot, figures["posts"]),
        authors=figures["authors"],
        shards=[shard_entry(shard) for shard in ordered_shards(snapshot)],
    )
    return manifest | {
        "revision": {
            "number": number,
            "previous": snapshot.manifest_sha256,
            "at": row_timestamp(at),
        },
        "removals": removals_of(snapshot),
    }


def _summary_of(snapshot: Snapshot, posts: int) -> Summary:
    """Return the statistics of all shards, recounting where older code left none."""
    summary = summed_up(snapshot)
    if summary.rows != posts:
        count_anew(snapshot)
        summary = summed_up(snapshot)
    return summary


def summed_up(snapshot: Snapshot) -> Summary:
    summaries = counted_tasks(snapshot).values_list("summary", flat=True)
    return sum((Summary.from_json(each) for each in summaries if each), Summary())


def count_anew(snapshot: Snapshot) -> None:
    """Recount the rewritten shards from their files."""
    tasks = {(task.split, task.shard_number): task for task in counted_tasks(snapshot)}
    rewritten = snapshot.shards.filter(
        configuration=counted_configuration(snapshot),
        format=Shard.Format.JSON_LINES,
        revision__gt=0,
    )
    for shard in rewritten.order_by("pk"):
        task = tasks[shard.split, shard.number]
        task.summary = Summary.of_rows(
            map(orjson.loads, read_jsonl_shard(content_of(shard)))
        ).to_json()
        task.save(update_fields=["summary"])


def counted_tasks(snapshot: Snapshot) -> QuerySet[BuildTask]:
    of_rows = snapshot.tasks.filter(
        stage=Snapshot.Stage.WRITE, configuration=counted_configuration(snapshot)
    )
    return of_rows.order_by("number")


def removals_of(snapshot: Snapshot) -> dict[str, Any]:
    signed = Removal.objects.signed().filter(snapshot=snapshot)
    by_reason = Counter(dict(signed.values_list("reason").annotate(rows=Count("pk"))))
    return {
        "total": by_reason.total(),
        "by_reason": dict(by_reason),
        "sha256": sha256(removals_jsonl(snapshot)).hexdigest(),
    }
