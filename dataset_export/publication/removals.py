"""What was removed from a snapshot, as those are told who have a copy."""

from collections.abc import Iterator
from typing import Any

import orjson

from dataset_export.models import Removal, Snapshot
from dataset_export.pipeline.rows import row_timestamp
from dataset_export.signing.revisions import revision_name


def removals_jsonl(snapshot: Snapshot, number: int | None = None) -> bytes:
    """Return removals.jsonl of a revision of a snapshot, the newest by default."""
    return b"".join(
        orjson.dumps(row, option=orjson.OPT_SORT_KEYS) + b"\n"
        for row in snapshot_removals(snapshot, number)
    )


def snapshot_removals(snapshot: Snapshot, number: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield what was removed from a snapshot and signed, in the order of revisions and of rows."""
    signed = Removal.objects.signed(number).filter(snapshot=snapshot)
    ordered = signed.order_by("revision", "configuration", "split", "shard_number", "row")
    for removal in ordered.iterator(chunk_size=10_000):
        yield serialize_removal(snapshot, removal)


def serialize_removal(snapshot: Snapshot, removal: Removal) -> dict[str, Any]:
    """Return a removal in plain JSON types."""
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
