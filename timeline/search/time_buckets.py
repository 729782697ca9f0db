"""Spans of time, newest first and ever longer, in which a search looks one after the other until it has enough.

So a word that is in every third post costs no more than a rare one. Each entry carries the number of the shorter, the
middle and the longer span that its post falls into (`a=`, `b=`, `c=`), by which the index itself leaves the rest out.
"""

from collections.abc import Iterator
from typing import NamedTuple

# By how many bits an id is shifted to get the number of its span: 2.3 hours, 37 hours, 25 days.
SHORT, MIDDLE, _LONG = ("a", 39), ("b", 43), ("c", 47)
# How many of the long ones make the last but one step, some 400 days.
MANY = 16


class Span(NamedTuple):
    """Ids from `low` to before `high`; `marks` is the tsquery of the spans around them, or None for all there is."""

    marks: str | None
    low: int
    high: int


def spans(low: int, high: int) -> Iterator[Span]:
    """Yield the spans from before `high` down to `low`, together all ids between them."""
    newest = high - 1
    steps = [(SHORT, 0, 2), (MIDDLE, 0, 2), (_LONG, 0, 2), (_LONG, 2, MANY)]
    for (letter, bits), skipped, count in steps:
        number = newest >> bits
        first, last = number - skipped - count + 1, number - skipped
        begin = max(first << bits, low)
        if begin < high:
            yield Span("|".join(f"'{letter}={one}'" for one in range(first, last + 1)), begin, high)
            high = begin
    if low < high:
        yield Span(None, low, high)
