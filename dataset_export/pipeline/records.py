"""What travels through the pipeline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Redaction:
    """A replaced stretch; start and end are code-point offsets in the text that results."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Record:
    """A post on its way into a snapshot."""

    post_id: int
    text: str
    language: str
    confidence: float | None
    created_at: datetime
    subject: UUID
    thread_id: int
    parent_id: int | None
    authorship: str
    consent_position: int | None
    notice: str
    redactions: tuple[Redaction, ...] = ()

    # dataclasses.replace() goes through all fields by name, several times as slow, and each post passes here.

    def rewritten(self, text: str, redactions: tuple[Redaction, ...] = ()) -> "Record":
        """Return the record with another text and the redactions that hold in it."""
        return Record(
            self.post_id,
            text,
            self.language,
            self.confidence,
            self.created_at,
            self.subject,
            self.thread_id,
            self.parent_id,
            self.authorship,
            self.consent_position,
            self.notice,
            redactions,
        )

    def in_language(self, language: str, confidence: float | None) -> "Record":
        """Return the record with its language and how sure that is."""
        return Record(
            self.post_id,
            self.text,
            language,
            confidence,
            self.created_at,
            self.subject,
            self.thread_id,
            self.parent_id,
            self.authorship,
            self.consent_position,
            self.notice,
            self.redactions,
        )


@dataclass(frozen=True, slots=True)
class Dropped:
    """The answer of a step that leaves a post out."""

    reason: str


class Step(Protocol):
    """A small configured object that passes a record on, changed or not, or drops it."""

    @property
    def name(self) -> str: ...

    def __call__(self, record: Record, /) -> Record | Dropped: ...
