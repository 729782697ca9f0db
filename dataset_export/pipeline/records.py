"""What travels through the pipeline."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID


class Redaction(NamedTuple):
    """A replaced stretch; start and end are code-point offsets in the text that results."""

    kind: str
    start: int
    end: int


class Quality(NamedTuple):
    """Signals of a short post, for recipes to filter on; shares are of 0 to 1, measured on the normalised text."""

    url_share: float
    hashtag_share: float
    mention_share: float
    symbol_share: float
    uppercase_share: float
    repetition: float
    template: bool


class Safety(NamedTuple):
    """What the words of a text are known for: a label, and how grave that is and how sure, from 0 to 1."""

    label: str
    score: float


class Record(NamedTuple):
    """A post on its way into a snapshot.

    `region` is where its author writes from (ISO 3166-1 alpha-2), as far as the language tag says it. A named tuple, as
    each post is made anew several times on its way, and a frozen dataclass takes ten times as long for that.
    """

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
    region: str = ""
    quality: Quality | None = None
    safety: Safety | None = None

    def rewritten(self, text: str, redactions: tuple[Redaction, ...] = ()) -> "Record":
        """Return the record with another text and the redactions that hold in it."""
        between, after = self[_TEXT + 1 : _REDACTIONS], self[_REDACTIONS + 1 :]
        return Record._make((*self[:_TEXT], text, *between, redactions, *after))

    def in_language(self, language: str, confidence: float | None) -> "Record":
        """Return the record with its language and how sure that is."""
        return self._with(_LANGUAGE, language, confidence)

    def with_quality(self, quality: Quality) -> "Record":
        """Return the record with the signals of its quality."""
        return self._with(_QUALITY, quality)

    def with_safety(self, safety: Safety) -> "Record":
        """Return the record with its label."""
        return self._with(_SAFETY, safety)

    def _with(self, place: int, *values: object) -> "Record":
        """Return the record with other values from a place on; `_replace` takes three times as long."""
        return Record._make((*self[:place], *values, *self[place + len(values) :]))


# The confidence stands behind the language.
_TEXT, _LANGUAGE, _REDACTIONS, _QUALITY, _SAFETY = map(
    Record._fields.index, ("text", "language", "redactions", "quality", "safety")
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
