"""Rewrite a shard without revoked rows and with returning ones, beside the old files."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from django.db import transaction
from django.utils import timezone

from dataset_export.builds.bulk_io import copy_rows, read_rows
from dataset_export.builds.stages.write import store_chunks
from dataset_export.eligibility import counted_configuration
from dataset_export.erasure.affected_shards import (
    Removed,
    ShardKey,
    lock_snapshot,
    rows_to_remove,
    shards_for_key,
)
from dataset_export.erasure.held import returning_rows
from dataset_export.models import HeldRow, Removal, RowProvenance, Shard, ShardRewrite, Snapshot
from dataset_export.pipeline.rows import row_leaf_hash
from dataset_export.pipeline.shards import read_jsonl_shard, read_schema, write_proof, write_shard
from dataset_export.pipeline.summary import Summary
from dataset_export.signing.revisions import current_revision
from dataset_export.storage.shard_reader import ByteRange, stream

Format = Shard.Format
REMOVAL_COLUMNS = (
    "snapshot_id",
    "configuration",
    "split",
    "shard_number",
    "row",
    "row_id",
    "leaf_hash",
    "reason",
    "at",
)


HELD_COLUMNS = (
    "snapshot_id",
    "configuration",
    "split",
    "shard_number",
    "row",
    "line",
    "salt",
    "held_at",
)


class RowMismatchError(Exception):
    """A file's rows differ from the records; nothing was changed."""


class Leaf(NamedTuple):
    """The commitment of a row; the salt is None once the row is removed."""

    row: int
    salt: bytes | None
    hash: bytes


@transaction.atomic
def rewrite(snapshot_id: int, place: ShardKey) -> None:
    """Store new files of a shard, while the old ones are still served.

    Raises:
        TaskNotAvailableError: the snapshot has no files any more.
        RowMismatchError: the rows cannot be identified with certainty.
    """
    snapshot = lock_snapshot(snapshot_id)
    reasons, returning = rows_to_remove(snapshot, place), rows_to_return(snapshot, place)
    if not reasons and not returning:
        return
    number = next_number(snapshot)
    HeldRow.objects.filter(pk__in=[held.pk for held in returning.values()]).update(
        returns_in=number
    )
    shards, leaves = shards_for_key(snapshot, place), _leaves_of(snapshot, place)
    lines = lines_by_row(shards[Format.JSON_LINES], leaves)
    removed = {leaf.row: leaf for leaf in leaves if leaf.row in reasons}
    copy_rows(Removal, REMOVAL_COLUMNS, removal_rows(snapshot, place, reasons, removed, lines))
    copy_rows(HeldRow, HELD_COLUMNS, held_rows(snapshot, place, reasons, removed, lines))
    leaves = [with_salt(leaf, returning.get(leaf.row)) for leaf in leaves]
    kept = {row: line for row, line in lines.items() if row not in removed}
    kept |= {row: bytes(held.line) for row, held in returning.items()}
    stage(shards, leaves, dict(sorted(kept.items())), number, _summary_of(snapshot, place, kept))


def next_number(snapshot: Snapshot) -> int:
    return current_revision(snapshot).number + 1


def _leaves_of(snapshot: Snapshot, place: ShardKey) -> list[Leaf]:
    """Return salt and leaf hash of every row the shard ever had, in order."""
    first_messages = RowProvenance.objects.filter(snapshot=snapshot, message=0, **place._asdict())
    return [
        Leaf._make(values)
        for values in read_rows(first_messages.order_by("row"), "row", "salt", "leaf_hash")
    ]


def lines_by_row(shard: Shard, leaves: Sequence[Leaf]) -> dict[int, bytes]:
    lines = read_jsonl_shard(content_of(shard))
    present = [leaf.row for leaf in leaves if leaf.salt is not None]
    if len(lines) != len(present):
        raise RowMismatchError(f"{shard} has {len(lines)} rows, and records of {len(present)}")
    return dict(zip(present, lines, strict=True))


def removal_rows(
    snapshot: Snapshot,
    place: ShardKey,
    reasons: dict[int, Removed],
    removed: dict[int, Leaf],
    lines: dict[int, bytes],
) -> Iterator[tuple[object, ...]]:
    now = timezone.now()
    for row, leaf in removed.items():
        # Never remove a wrong row in place of the right one.
        if leaf.salt is None or row_leaf_hash(leaf.salt, lines[row]) != leaf.hash:
            raise RowMismatchError(f"row {row} of {place} is not the one that its leaf commits to")
        yield (
            snapshot.pk,
            *place,
            row,
            orjson.loads(lines[row])["id"],
            leaf.hash,
            reasons[row].reason,
            now,
        )


def held_rows(
    snapshot: Snapshot,
    place: ShardKey,
    reasons: dict[int, Removed],
    removed: dict[int, Leaf],
    lines: dict[int, bytes],
) -> Iterator[tuple[object, ...]]:
    """Yield the rows that may return, to be held."""
    now = timezone.now()
    for row, leaf in removed.items():
        if reasons[row].may_return:
            yield snapshot.pk, *place, row, lines[row], leaf.salt, now


def rows_to_return(snapshot: Snapshot, place: ShardKey) -> dict[int, HeldRow]:
    return {held.row: held for held in returning_rows(snapshot).filter(**place._asdict())}


def with_salt(leaf: Leaf, held: HeldRow | None) -> Leaf:
    """Return a returning row's leaf with its salt, any other unchanged."""
    if held is None:
        return leaf
    salt = bytes(held.salt)
    if row_leaf_hash(salt, bytes(held.line)) != leaf.hash:
        raise RowMismatchError(f"the held row {held.pk} is not the one that its leaf commits to")
    return leaf._replace(salt=salt)


def _summary_of(snapshot: Snapshot, place: ShardKey, lines: dict[int, bytes]) -> dict[str, Any]:
    """Return the shard's statistics for the manifest; empty if its posts count elsewhere."""
    if place.configuration != counted_configuration(snapshot):
        return {}
    return Summary.of_rows(orjson.loads(line) for line in lines.values()).to_json()


def stage(
    shards: dict[str, Shard],
    leaves: Sequence[Leaf],
    lines: dict[int, bytes],
    revision: int,
    summary: dict[str, Any],
) -> None:
    """Write each file of the shard; a row without a line is only a leaf."""
    kept = list(lines.values())
    # With the file's own schema: the one in the code may have grown since.
    for format, content in write_shard(
        kept, read_schema(content_of(shards[Format.PARQUET]))
    ).items():
        stage_file(shards[format], content, len(kept), revision, summary)
    if proof := shards.get(Format.PROOF):
        salted = ((leaf.salt if leaf.row in lines else None, leaf.hash) for leaf in leaves)
        stage_file(proof, write_proof(salted), len(leaves), revision, summary)


def stage_file(
    shard: Shard, content: bytes, rows: int, revision: int, summary: dict[str, Any]
) -> None:
    ShardRewrite.objects.create(
        shard=shard,
        revision=revision,
        rows=rows,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        summary=summary,
    )
    store_chunks(shard, content, revision)


def content_of(shard: Shard) -> bytes:
    return b"".join(stream(shard, ByteRange(0, shard.size)))
