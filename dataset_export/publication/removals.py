"""The public list of removals from a snapshot."""

from collections.abc import Iterator
from typing import Any

import orjson

from dataset_export.models import Removal, Snapshot
from dataset_export.pipeline.rows import row_timestamp
from dataset_export.signing.revisions import revision_name


def removals_jsonl(snapshot: Snapshot, number: int | None = None) -> bytes:
    """Return removals.jsonl of a revision, the current one by default."""
    return b"".join(
        orjson.dumps(row, option=orjson.OPT_SORT_KEYS) + b"\n"
        for row in snapshot_removals(snapshot, number)
    )


def snapshot_removals(snapshot: Snapshot, number: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield the signed removals of a snapshot, ordered by revision and row."""
    signed = Removal.objects.signed(number).filter(snapshot=snapshot)
    ordered = signed.order_by("revision", "configuration", "split", "shard_number", "row")
    for removal in ordered.iterator(chunk_size=10_000):
        yield serialize_removal(snapshot, removal)


def serialize_removal(snapshot: Snapshot, removal: Removal) -> dict[str, Any]:
    """Return a removal as JSON types."""
    assert removal.revision is not None
    return {
        "configuration": removal.configuration,
        "split": removal.split,
        "shard": removal.shard_number,
        "row": removal.row,
        "id": removal.row_id,
        "leaf": bytes(removal.leaf_hash).hex(),
        "reason": removal.reason,
        "removed_at": row_timestamp(removal.at),
        "revision": revision_name(snapshot, removal.revision),
    }
