"""Time buckets, newest first and growing, that a search walks until it has enough.

So a word in every third post costs no more than a rare one. Entries carry their buckets (`a=`,
`b=`, `c=`), by which the index skips the rest.
"""

from collections.abc import Iterator
from typing import NamedTuple

# Bits by which an id is shifted to its bucket: 2.3 hours, 37 hours, 25 days.
SHORT, MIDDLE, _LONG = ("a", 39), ("b", 43), ("c", 47)
# Long buckets in the last step but one, some 400 days.
MANY = 16


class Span(NamedTuple):
    """Ids from `low` to before `high`; `marks` is the tsquery of the surrounding buckets, or
    None.
    """

    marks: str | None
    low: int
    high: int


def spans(low: int, high: int) -> Iterator[Span]:
    """Yield the buckets from `high` (exclusive) down to `low`."""
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
