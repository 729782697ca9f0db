"""Shape a record as a row of the configuration "posts"."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import orjson
import pyarrow as pa

from common.text_lines import escape_separators
from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.records import Quality, Record, Redaction, Safety
from dataset_export.pipeline.text_length import count_words

Row = dict[str, Any]

MOMENT: Final = pa.timestamp("ms", tz="UTC")
REDACTIONS: Final = pa.list_(
    pa.struct(
        [pa.field("kind", pa.string()), pa.field("start", pa.int32()), pa.field("end", pa.int32())]
    )
)
CONSENT: Final = pa.struct([pa.field("reference", pa.string()), pa.field("notice", pa.string())])
SAFETY: Final = pa.struct([pa.field("label", pa.string()), pa.field("score", pa.float32())])

# Plain strings also where values repeat: the writer codes them by dictionary inside the file, while the
# `datasets` library refuses a dictionary in the schema.
POSTS_SCHEMA: Final = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("lang", pa.string(), nullable=False),
        pa.field("created_at", MOMENT, nullable=False),
        pa.field("author", pa.string(), nullable=False),
        pa.field("thread", pa.string(), nullable=False),
        pa.field("parent", pa.string()),
        pa.field("authorship", pa.string(), nullable=False),
        pa.field("duplicate_count", pa.int32(), nullable=False),
        pa.field(
            "quality",
            pa.struct(
                [
                    pa.field("characters", pa.int32()),
                    pa.field("words", pa.int32()),
                    pa.field("language_confidence", pa.float32()),
                    pa.field("url_share", pa.float32()),
                    pa.field("hashtag_share", pa.float32()),
                    pa.field("mention_share", pa.float32()),
                    pa.field("symbol_share", pa.float32()),
                    pa.field("uppercase_share", pa.float32()),
                    pa.field("repetition", pa.float32()),
                    pa.field("template", pa.bool_()),
                ]
            ),
            nullable=False,
        ),
        pa.field("safety", SAFETY),
        pa.field("redactions", REDACTIONS, nullable=False),
        pa.field("consent", CONSENT, nullable=False),
    ]
)

# Half the time of isoformat(), for each row.
_RFC_3339: Final = "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ"
_SIGNALS: Final = ("characters", "words", "language_confidence", *Quality._fields)
_NOT_MEASURED: Final = (None,) * len(Quality._fields)


def to_row(
    record: Record, pseudonyms: Pseudonyms, parent_kept: bool, duplicate_count: int = 1
) -> Row:
    """Return the row of a record in plain JSON types, in the order of the schema.

    A parent that isn't in the snapshot isn't named: its author has not spoken. The duplicate count says how many posts
    said the same, or nearly, before one was chosen; this one included.
    """
    parent = record.parent_id if parent_kept else None
    return {
        "id": pseudonyms.row(record.post_id),
        "text": record.text,
        "lang": record.language,
        "created_at": month(record.created_at),
        "author": pseudonyms.author(record.subject),
        "thread": pseudonyms.thread(record.thread_id),
        "parent": None if parent is None else pseudonyms.row(parent),
        "authorship": record.authorship,
        "duplicate_count": duplicate_count,
        "quality": _quality(record),
        "safety": None if record.safety is None else safety_of(record.safety),
        "redactions": [redaction_of(redaction) for redaction in record.redactions],
        "consent": consent_of(record, pseudonyms),
    }


def row_line(row: Row) -> bytes:
    """Return the row as the one JSON text that stands for it: sorted keys, no spaces, UTF-8, no line break.

    The leaf commits to it, and both formats are written from it.
    """
    return escape_separators(orjson.dumps(row, option=orjson.OPT_SORT_KEYS))


def row_leaf_hash(salt: bytes, line: bytes) -> bytes:
    """Return the hash of a row's leaf (RFC 6962, 2.1) over its salt and its line."""
    return sha256(b"\x00" + salt + line).digest()


def row_timestamp(at: datetime) -> str:
    """Return the time in UTC to the millisecond, as RFC 3339 writes it."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return _RFC_3339 % (
        at.year,
        at.month,
        at.day,
        at.hour,
        at.minute,
        at.second,
        at.microsecond // 1000,
    )


def month(at: datetime) -> str:
    """Return the first moment of the month in UTC: the time to the second would name a post in every dataset."""
    return row_timestamp(
        at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    )


def redaction_of(redaction: Redaction) -> Row:
    """Return a redaction; its offsets are code points of the text as it is in the row."""
    return {"kind": redaction.kind, "start": redaction.start, "end": redaction.end}


def safety_of(safety: Safety) -> Row:
    """Return the label of a classifier and its score."""
    return {"label": safety.label, "score": safety.score}


def consent_of(record: Record, pseudonyms: Pseudonyms) -> Row:
    """Return a reference to the decision on which a row rests, and purpose and version of the notice its author saw.

    Neither the position in the public log nor the language of the notice, by which an author could be found in two
    datasets.
    """
    if record.consent_position is None:
        raise ValueError("a row rests on a decision")
    return {
        "reference": pseudonyms.consent(record.consent_position),
        "notice": notice_without_language(record.notice),
    }


def notice_without_language(notice: str) -> str:
    """Return purpose/version of a notice that is named purpose/version/language."""
    return "/".join(notice.split("/")[:2])


def _quality(record: Record) -> Row:
    measured = _NOT_MEASURED if record.quality is None else record.quality
    text = record.text
    return dict(
        zip(_SIGNALS, (len(text), count_words(text), record.confidence, *measured), strict=True)
    )
