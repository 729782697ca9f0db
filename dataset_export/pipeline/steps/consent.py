"""Assert consent again, row by row."""

from dataclasses import dataclass
from typing import ClassVar

from dataset_export.pipeline.records import Dropped, Record


@dataclass(frozen=True, slots=True)
class Consent:
    """Drop a record that rests on no position of the consent ledger.

    The query that yields the posts has decided already; this is the second lock on the same door.
    """

    name: ClassVar[str] = "consent"

    def __call__(self, record: Record) -> Record | Dropped:
        return Dropped("no_consent") if record.consent_position is None else record
