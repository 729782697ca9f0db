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


@dataclass(frozen=True, slots=True)
class Dropped:
    """The answer of a step that leaves a post out."""

    reason: str


class Step(Protocol):
    """A small configured object that passes a record on, changed or not, or drops it."""

    @property
    def name(self) -> str: ...

    def __call__(self, record: Record, /) -> Record | Dropped: ...
