"""Count what the posts of a snapshot are like, shard by shard."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, NamedTuple, TypeVar

from dataset_export.pipeline.records import Record
from dataset_export.pipeline.rows import Row, notice_without_language
from dataset_export.pipeline.text_length import estimated_tokens

_Key = TypeVar("_Key", str, int)

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
            raise ValueError(
                f"{len(records)} records, but {len(duplicate_counts)} counts of duplicates"
            )
        sizes = [len(record.text) for record in records]
        return cls(
            rows=len(records),
            characters=sum(sizes),
            copied=sum(count > 1 for count in duplicate_counts),
            copies=sum(count - 1 for count in duplicate_counts),
            languages=dict(Counter(record.language for record in records)),
            lengths=dict(Counter(map(length_class, sizes))),
            tokens=_tokens_by_language(records),
            notices=dict(Counter(notice_without_language(record.notice) for record in records)),
            redactions=dict(
                Counter(redaction.kind for record in records for redaction in record.redactions)
            ),
            safety=dict(
                Counter(record.safety.label for record in records if record.safety is not None)
            ),
        )

    @classmethod
    def of_rows(cls, rows: Iterable[Row]) -> "Summary":
        """Return the summary of rows as they stand in a file, of whichever configuration.

        It is that of the records that they were made of, less what their columns don't tell: for how many posts the
        messages of a conversation stand, and where they have no label of their own that of the conversation counts.
        """
        posts, labels = list[_Post](), Counter[str]()
        for row in rows:
            members = row.get("messages", (row,))
            posts += map(_Post.of, members)
            labelled = members if all("safety" in member for member in members) else (row,)
            labels.update(
                each["safety"]["label"] for each in labelled if each["safety"] is not None
            )
        sizes = [len(post.text) for post in posts]
        tokens: Counter[str] = Counter()
        for post in posts:
            tokens[post.language] += estimated_tokens(post.text)
        return cls(
            rows=len(posts),
            characters=sum(sizes),
            copied=sum(post.duplicate_count > 1 for post in posts),
            copies=sum(post.duplicate_count - 1 for post in posts),
            languages=dict(Counter(post.language for post in posts)),
            lengths=dict(Counter(map(length_class, sizes))),
            tokens=dict(tokens),
            notices=dict(Counter(post.notice for post in posts)),
            redactions=dict(Counter(kind for post in posts for kind in post.redactions)),
            safety=dict(labels),
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Summary":
        """Return the summary that to_json() was called on."""
        lengths = {int(bound): rows for bound, rows in data["lengths"].items()}
        return cls(**{**data, "lengths": lengths})

    def to_json(self) -> dict[str, Any]:
        """Return the summary in types that JSON has."""
        return asdict(self) | {
            "lengths": {str(bound): rows for bound, rows in self.lengths.items()}
        }

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


class _Post(NamedTuple):
    """What a row, or a message in one, says of a post that is counted."""

    text: str
    language: str
    notice: str
    redactions: list[str]
    duplicate_count: int

    @classmethod
    def of(cls, post: Row) -> "_Post":
        return cls(
            text=post["text"] if "text" in post else post["content"],
            language=post["lang"],
            notice=post["consent"]["notice"],
            redactions=[redaction["kind"] for redaction in post["redactions"]],
            duplicate_count=post.get("duplicate_count", 1),
        )


def _tokens_by_language(records: Iterable[Record]) -> dict[str, int]:
    tokens: dict[str, int] = {}
    for record in records:
        tokens[record.language] = tokens.get(record.language, 0) + estimated_tokens(record.text)
    return tokens


def _sum(one: Mapping[_Key, int], other: Mapping[_Key, int]) -> dict[_Key, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}
