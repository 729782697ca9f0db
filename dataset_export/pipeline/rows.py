"""Shape a record as a row of the data set."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson
import pyarrow as pa

from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.records import Record

Row = dict[str, Any]

# Plain strings also where values repeat: the writer codes them by dictionary inside the file, while the
# `datasets` library refuses a dictionary in the schema.
POSTS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("lang", pa.string(), nullable=False),
        pa.field("created_at", pa.timestamp("ms", tz="UTC"), nullable=False),
        pa.field("author", pa.string(), nullable=False),
        pa.field("thread", pa.string(), nullable=False),
        pa.field("parent", pa.string()),
        pa.field("authorship", pa.string(), nullable=False),
        pa.field(
            "quality",
            pa.struct(
                [
                    pa.field("characters", pa.int32()),
                    pa.field("words", pa.int32()),
                    pa.field("language_confidence", pa.float32()),
                ]
            ),
        ),
        pa.field(
            "redactions",
            pa.list_(
                pa.struct(
                    [
                        pa.field("kind", pa.string()),
                        pa.field("start", pa.int32()),
                        pa.field("end", pa.int32()),
                    ]
                )
            ),
        ),
        pa.field("consent", pa.struct([pa.field("position", pa.int64()), pa.field("notice", pa.string())])),
    ]
)


def to_row(record: Record, pseudonyms: Pseudonyms, parent_kept: bool, duplicate_count=1) -> Row:
    """Return the row of a record in plain JSON types, in the order of the schema.

    A parent that isn't in the snapshot isn't named: its author has not spoken.
    """
    parent = record.parent_id if parent_kept else None
    return {
        "id": pseudonyms.row(record.post_id),
        "text": record.text,
        "lang": record.language,
        "created_at": _moment(record.created_at),
        "author": pseudonyms.author(record.subject),
        "thread": pseudonyms.thread(record.thread_id),
        "parent": None if parent is None else pseudonyms.row(parent),
        "authorship": record.authorship,
        "quality": {
            "characters": len(record.text),
            "words": len(record.text.split()),
            "language_confidence": record.confidence,
        },
        "redactions": [
            {"kind": redaction.kind, "start": redaction.start, "end": redaction.end} for redaction in record.redactions
        ],
        "consent": {"position": record.consent_position, "notice": record.notice},
    }


def canonical_row(row: Row) -> bytes:
    """Return the row as the one JSON text that stands for it: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS)


def leaf_hash(salt: bytes, row: Row) -> bytes:
    """Return the hash of a row's leaf (RFC 6962, 2.1) over its salt and canonical JSON."""
    return sha256(b"\x00" + salt + canonical_row(row)).digest()


def _moment(at: datetime) -> str:
    """Return the time in UTC to the millisecond, as RFC 3339 writes it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def row_line(row):
    return canonical_row(row)


def leaf_hash(salt, line):
    return sha256(b"\x00" + salt + line).digest()


CONVERSATIONS = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field(
            "messages",
            pa.list_(
                pa.struct(
                    [("role", pa.string()), ("name", pa.string()), ("content", pa.string()), ("reply_to", pa.int32())]
                )
            ),
        ),
    ]
)


def to_conversation(messages, pseudonyms):
    return {
        "id": pseudonyms.thread(messages[0][0].thread_id),
        "messages": [
            {"role": "user", "name": pseudonyms.author(r.subject), "content": r.text, "reply_to": a}
            for r, a in messages
        ],
    }
