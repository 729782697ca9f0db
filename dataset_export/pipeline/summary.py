"""Count what the posts of a snapshot are like, shard by shard."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeVar

from dataset_export.pipeline.lengths import estimated_tokens
from dataset_export.pipeline.records import Record

Key = TypeVar("Key", str, int)

# Lower bounds of the classes of length, in characters.
LENGTHS: Final = (0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560)


def length_class(characters: int) -> int:
    """Return the lower bound of the class of length that a text falls in."""
    return LENGTHS[bisect_right(LENGTHS, characters) - 1]


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over rows of the configuration "posts", which add up: `sum(summaries, Summary())`.

    Rows by language, by the lower bound of their class of length, by notice and by safety label (those that have one);
    redactions by kind; estimated tokens by language. Of the rows, `copied` stand for further posts that said the same,
    `copies` in all.
    """

    rows: int = 0
    characters: int = 0
    copied: int = 0
    copies: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    lengths: Mapping[int, int] = field(default_factory=dict)
    tokens: Mapping[str, int] = field(default_factory=dict)
    notices: Mapping[str, int] = field(default_factory=dict)
    redactions: Mapping[str, int] = field(default_factory=dict)
    safety: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Sequence[Record], duplicate_counts: Sequence[int] = ()) -> "Summary":
        """Return the summary of records; the counts say for how many posts each stands, by default for itself alone."""
        if duplicate_counts and len(duplicate_counts) != len(records):
            raise ValueError(f"{len(records)} records, but {len(duplicate_counts)} counts of duplicates")
        sizes = [len(record.text) for record in records]
        return cls(
            rows=len(records),
            characters=sum(sizes),
            copied=sum(count > 1 for count in duplicate_counts),
            copies=sum(count - 1 for count in duplicate_counts),
            languages=dict(Counter(record.language for record in records)),
            lengths=dict(Counter(map(length_class, sizes))),
            tokens=_tokens_by_language(records),
            notices=dict(Counter(record.notice for record in records)),
            redactions=dict(Counter(redaction.kind for record in records for redaction in record.redactions)),
            safety=dict(Counter(record.safety.label for record in records if record.safety is not None)),
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Summary":
        """Return the summary that to_json() was called on."""
        lengths = {int(bound): rows for bound, rows in data["lengths"].items()}
        return cls(**{**data, "lengths": lengths})

    def to_json(self) -> dict[str, Any]:
        """Return the summary in types that JSON has."""
        return asdict(self) | {"lengths": {str(bound): rows for bound, rows in self.lengths.items()}}

    def __add__(self, other: "Summary") -> "Summary":
        return Summary(
            rows=self.rows + other.rows,
            characters=self.characters + other.characters,
            copied=self.copied + other.copied,
            copies=self.copies + other.copies,
            languages=_sum(self.languages, other.languages),
            lengths=_sum(self.lengths, other.lengths),
            tokens=_sum(self.tokens, other.tokens),
            notices=_sum(self.notices, other.notices),
            redactions=_sum(self.redactions, other.redactions),
            safety=_sum(self.safety, other.safety),
        )


def _tokens_by_language(records: Iterable[Record]) -> dict[str, int]:
    tokens: dict[str, int] = {}
    for record in records:
        tokens[record.language] = tokens.get(record.language, 0) + estimated_tokens(record.text)
    return tokens


def _sum(one: Mapping[Key, int], other: Mapping[Key, int]) -> dict[Key, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}
