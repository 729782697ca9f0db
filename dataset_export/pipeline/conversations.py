"""Shape the records of a thread as a row of the configuration "conversations"."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.records import Record, Safety
from dataset_export.pipeline.rows import (
    CONSENT,
    MOMENT,
    REDACTIONS,
    SAFETY,
    Row,
    consent_of,
    month,
    redaction_of,
    safety_of,
)

# Nobody in a thread is an assistant; `name`, as in the chat format of OpenAI's API, tells people apart.
ROLE: Final = "user"
# The label of a text in which the classifier found nothing.
NOTHING_FOUND: Final = "none"

CONVERSATIONS_SCHEMA: Final = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field(
            "messages",
            pa.list_(
                pa.struct(
                    [
                        pa.field("role", pa.string()),
                        pa.field("name", pa.string()),
                        pa.field("content", pa.string()),
                        pa.field("id", pa.string()),
                        pa.field("reply_to", pa.int32()),
                        pa.field("lang", pa.string()),
                        pa.field("created_at", MOMENT),
                        pa.field("redactions", REDACTIONS),
                        pa.field("consent", CONSENT),
                    ]
                )
            ),
            nullable=False,
        ),
        pa.field("languages", pa.list_(pa.string()), nullable=False),
        pa.field("authors", pa.int32(), nullable=False),
        pa.field("safety", SAFETY),
    ]
)


def to_conversation(messages: Sequence[tuple[Record, int | None]], pseudonyms: Pseudonyms) -> Row:
    """Return the row of a thread in plain JSON types, in the order of the schema.

    Each message comes with the place in the list, counted from 0, of the one that it answers. Pseudonyms are those of
    the configuration "posts", so that the two can be joined.
    """
    if not messages:
        raise ValueError("a conversation has at least one message")
    records = [record for record, _ in messages]
    return {
        "id": pseudonyms.thread(records[0].thread_id),
        "messages": [_message(record, reply_to, pseudonyms) for record, reply_to in messages],
        "languages": sorted({record.language for record in records}),
        "authors": len({record.subject for record in records}),
        "safety": _worst([record.safety for record in records if record.safety is not None]),
    }


def _message(record: Record, reply_to: int | None, pseudonyms: Pseudonyms) -> Row:
    return {
        "role": ROLE,
        "name": pseudonyms.author(record.subject),
        "content": record.text,
        "id": pseudonyms.row(record.post_id),
        "reply_to": reply_to,
        "lang": record.language,
        "created_at": month(record.created_at),
        "redactions": [redaction_of(redaction) for redaction in record.redactions],
        "consent": consent_of(record, pseudonyms),
    }


def _worst(labels: Sequence[Safety]) -> Row | None:
    """Return the label that is surest of all that found something."""
    worst = max(
        labels, key=lambda safety: (safety.label != NOTHING_FOUND, safety.score), default=None
    )
    return None if worst is None else safety_of(worst)
