"""What the finders hand back, and which of two that overlap counts."""

from collections.abc import Iterable
from typing import Final, NamedTuple

# Of two readings of the same stretch, the one with the stricter check comes first.
_KINDS: Final = ("url", "secret", "email", "iban", "card", "national_id", "ip", "phone", "address")


class PiiMatch(NamedTuple):
    """A stretch of personal data; start and end are code-point offsets."""

    kind: str
    start: int
    end: int

    @property
    def weight(self) -> tuple[int, int]:
        """Return what the winner of an overlap has more of: length, then strictness."""
        return self.end - self.start, -_KINDS.index(self.kind)


def without_overlaps(found: Iterable[PiiMatch]) -> list[PiiMatch]:
    """Return the stretches in order, of those that overlap the longest, and of equally long ones the strictest."""
    kept: list[PiiMatch] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end, _KINDS.index(one.kind))):
        if not kept or kept[-1].end <= one.start:
            kept.append(one)
        elif one.weight > kept[-1].weight:
            kept[-1] = one
    return kept
