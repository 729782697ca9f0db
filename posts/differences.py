"""Show what was changed from one text to another, word by word."""

import regex
from rapidfuzz.distance import Indel

EQUAL, TAKEN, ADDED = "equal", "taken", "added"
KINDS = {"equal": EQUAL, "delete": TAKEN, "insert": ADDED}
# Words as Unicode Annex 29 has them: a character each in scripts without blanks.
BETWEEN_WORDS = regex.compile(r"\b", regex.V1 | regex.WORD)

Piece = tuple[str, str]


def differences(old: str, new: str) -> list[Piece]:
    """Return pieces of text, each equal, taken or added; without the added ones they are the old text."""
    before, after = words_of(old), words_of(new)
    pieces: list[Piece] = []
    for step in Indel.opcodes(before, after):
        kind = KINDS[step.tag]
        words = after[step.dest_start : step.dest_end] if kind == ADDED else before[step.src_start : step.src_end]
        # What was taken stands before what came in its place.
        place = len(pieces) - 1 if kind == TAKEN and pieces and pieces[-1][0] == ADDED else len(pieces)
        pieces.insert(place, (kind, "".join(words)))
    return pieces


def words_of(text: str) -> list[str]:
    return [word for word in BETWEEN_WORDS.split(text) if word]
