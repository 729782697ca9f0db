"""Replace stretches of a record's text and remember where."""

from collections.abc import Iterable
from typing import NamedTuple

from dataset_export.pipeline.records import Record, Redaction


class Replacement(NamedTuple):
    """A stretch of the text as it is, and what shall stand there."""

    kind: str
    start: int
    end: int
    text: str


def redact(record: Record, replacements: Iterable[Replacement]) -> Record:
    """Return the record with the replacements made, which come in order and don't overlap.

    Redactions made by earlier steps move with the text; one that a replacement touches is taken in by it.
    """
    pieces: list[str] = []
    redactions: list[Redaction] = []
    earlier = list(record.redactions)
    done = shift = 0
    for found in replacements:
        while earlier and earlier[0].end <= found.start:
            redactions.append(_moved(earlier.pop(0), shift))
        while earlier and earlier[0].start < found.end:
            earlier.pop(0)
        start = found.start + shift
        redactions.append(Redaction(found.kind, start, start + len(found.text)))
        pieces += (record.text[done : found.start], found.text)
        done = found.end
        shift += len(found.text) - (found.end - found.start)
    if not pieces:
        return record
    redactions += (_moved(redaction, shift) for redaction in earlier)
    return record.rewritten("".join((*pieces, record.text[done:])), tuple(redactions))


def _moved(redaction: Redaction, shift: int) -> Redaction:
    return Redaction(redaction.kind, redaction.start + shift, redaction.end + shift)
