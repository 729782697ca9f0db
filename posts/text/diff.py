"""Show what was changed from one text to another, word by word."""

from collections.abc import Sequence

import regex
from rapidfuzz.distance import Indel

EQUAL, REMOVED_TEXT, ADDED = "equal", "taken", "added"
DIFF_KINDS = {"equal": EQUAL, "delete": REMOVED_TEXT, "insert": ADDED}
# Words as Unicode Annex 29 has them: a character each in scripts without blanks.
BETWEEN_WORDS = regex.compile(r"\b", regex.V1 | regex.WORD)

DiffSegment = tuple[str, str]


def differences(old: str, new: str) -> list[DiffSegment]:
    """Return pieces of text, each equal, taken or added; without the added ones they are the old text."""
    return [(kind, "".join(words)) for kind, words in opcodes(tokenize(old), tokenize(new))]


def diff_lists(old: Sequence[str], new: Sequence[str]) -> list[DiffSegment]:
    """Return the entries of two lists, each equal, taken or added as a whole."""
    return [(kind, entry) for kind, entries in opcodes(old, new) for entry in entries]


def opcodes(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, Sequence[str]]]:
    """Return how one row of words becomes another, what was taken before what came in its place."""
    found: list[tuple[str, Sequence[str]]] = []
    for step in Indel.opcodes(before, after):
        kind = DIFF_KINDS[step.tag]
        words = (
            after[step.dest_start : step.dest_end]
            if kind == ADDED
            else before[step.src_start : step.src_end]
        )
        place = (
            len(found) - 1
            if kind == REMOVED_TEXT and found and found[-1][0] == ADDED
            else len(found)
        )
        found.insert(place, (kind, words))
    return found


def tokenize(text: str) -> list[str]:
    return [word for word in BETWEEN_WORDS.split(text) if word]
