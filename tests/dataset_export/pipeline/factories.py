"""Records to test with."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.records import Record

PSEUDONYMS = Pseudonyms(b"a secret of one snapshot")


def make_record(text: str = "Fog over the harbour this morning.", **changes: Any) -> Record:
    fields: dict[str, Any] = {
        "post_id": 1 << 16,
        "language": "",
        "confidence": None,
        "created_at": datetime(2026, 3, 1, 7, 30, 15, 123456, tzinfo=UTC),
        "subject": UUID(int=7),
        "thread_id": 1 << 16,
        "parent_id": None,
        "authorship": "human",
        "consent_position": 4,
        "notice": "pretraining/1/en",
    }
    return Record(text=text, **{**fields, **changes})
