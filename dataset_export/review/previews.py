"""Rows as reviewers see them: replacements are marked, revoked rows omitted."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dataset_export.eligibility import revoked_records
from dataset_export.models import RowProvenance, Shard, Snapshot
from dataset_export.pipeline.recipe import CONVERSATIONS
from dataset_export.pipeline.shards import ROWS_A_GROUP
from dataset_export.review.files import rows_of
from dataset_export.review.row_index import (
    FileSpan,
    RowLocation,
    file_spans,
    places_of,
    records_at,
    row_count,
)

SAMPLE_ROWS, MAX_BLOCKS = 20, 8
# The maximum of messages shown of a conversation.
MAX_MESSAGES = 30
# Deeper replies are not indented further.
MAX_DEPTH = 5


class TextSegment(NamedTuple):
    """A part of a text; `kind` names what was replaced there, if anything."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class _Message:
    """A post of a row; `depth` is its distance from the root of the thread."""

    pieces: list[TextSegment]
    language: str
    author: str
    consent: dict[str, Any]
    record: RowProvenance
    depth: int = 0


@dataclass(frozen=True, slots=True)
class RowPreview:
    """A row and its location."""

    place: RowLocation
    id: str
    messages: list[_Message]
    label: str
    more: int = 0

    @property
    def is_conversation(self) -> bool:
        return self.place.configuration == CONVERSATIONS

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What can be excluded because of this row: form values and labels."""
        authors = {message.author: message.record for message in self.messages}
        row = (
            f"row {self.messages[0].record.pk}",
            "this conversation" if self.is_conversation else "this row",
        )
        return [
            row,
            *(
                (f"author {record.pk}", f"all rows of {name[:8]}")
                for name, record in authors.items()
            ),
        ]


def sample_rows(snapshot: Snapshot, seed: int, size: int = SAMPLE_ROWS) -> list[RowPreview]:
    """Return random rows, the same for the same seed, without revoked ones.

    Of many rows, some blocks are drawn first, as each costs the page 20 ms.
    """
    files = file_spans(snapshot)
    drawn = random.Random(seed)  # noqa: S311  it has to be repeatable
    anchors = sample_numbers(row_count(files), seed, MAX_BLOCKS)
    numbers = [number for block in blocks_with(files, anchors) for number in block]
    return load_rows(snapshot, files, drawn.sample(numbers, min(size, len(numbers))))


def blocks_with(files: Sequence[FileSpan], anchors: Iterable[int]) -> list[range]:
    """Return the blocks of rows that are read together with these rows."""
    blocks = set()
    for stretch, its in group_by_file(files, list(anchors)):
        for number in its:
            start = stretch.first + number - number % ROWS_A_GROUP
            blocks.add((start, min(start + ROWS_A_GROUP, stretch.end)))
    return [range(*block) for block in sorted(blocks)]


def sample_numbers(total: int, seed: int, size: int) -> list[int]:
    chosen = random.Random(seed).sample(range(total), min(size, total))  # noqa: S311  it has to be repeatable
    return sorted(chosen)


def load_rows(
    snapshot: Snapshot, files: Sequence[FileSpan], numbers: Iterable[int]
) -> list[RowPreview]:
    """Return rows by index, without revoked ones and files being replaced."""
    found: list[tuple[RowLocation, dict[str, Any]]] = []
    for stretch, its in group_by_file(files, sorted(numbers)):
        found += read_row_bytes(stretch.shard, its)
    records = records_at(snapshot, [place for place, _ in found])
    hidden = withheld(snapshot, records)
    return [
        row_shown(place, records[place], row)
        for place, row in found
        if place in records.keys() - hidden
    ]


def group_by_file(
    files: Sequence[FileSpan], numbers: list[int]
) -> list[tuple[FileSpan, list[int]]]:
    """Return the files with rows of these indexes, each with the indexes within it."""
    found = []
    for stretch in files:
        its = [
            number - stretch.first for number in numbers if stretch.first <= number < stretch.end
        ]
        if its:
            found.append((stretch, its))
    return found


def read_row_bytes(shard: Shard, numbers: list[int]) -> list[tuple[RowLocation, dict[str, Any]]]:
    try:
        rows = rows_of(shard, numbers)
    except LookupError:
        # The file was replaced between two queries; the next view shows the new one.
        return []
    return list(zip(places_of(shard, rows), rows.values(), strict=True))


def withheld(
    snapshot: Snapshot, records: dict[RowLocation, list[RowProvenance]]
) -> set[RowLocation]:
    keys = [record.pk for its in records.values() for record in its]
    gone = set(revoked_records(snapshot).filter(pk__in=keys).values_list("pk", flat=True))
    return {place for place, its in records.items() if any(record.pk in gone for record in its)}


def row_shown(place: RowLocation, records: list[RowProvenance], row: dict[str, Any]) -> RowPreview:
    messages = row["messages"] if place.configuration == CONVERSATIONS else [as_message(row)]
    return RowPreview(
        place=place,
        id=row["id"],
        messages=thread(list(zip(messages, records, strict=True))[:MAX_MESSAGES]),
        label=label_of(row),
        more=max(0, len(messages) - MAX_MESSAGES),
    )


def label_of(row: dict[str, Any]) -> str:
    return (row.get("safety") or {}).get("label", "")


def as_message(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of posts in the shape of a message."""
    return row | {"content": row["text"], "name": row["author"], "reply_to": None}


def thread(messages: Sequence[tuple[dict[str, Any], RowProvenance]]) -> list[_Message]:
    depths: list[int] = []
    for message, _ in messages:
        answered = message["reply_to"]
        depths.append(0 if answered is None else depths[answered] + 1)
    return [
        _Message(
            pieces=split_replacements(message["content"], message["redactions"]),
            language=message["lang"],
            author=message["name"],
            consent=message["consent"],
            record=record,
            depth=min(depth, MAX_DEPTH),
        )
        for (message, record), depth in zip(messages, depths, strict=True)
    ]


def split_replacements(text: str, redactions: Iterable[dict[str, Any]]) -> list[TextSegment]:
    """Split a text at its replacements; offsets are code points."""
    found, done = list[TextSegment](), 0
    for redaction in sorted(redactions, key=lambda redaction: redaction["start"]):
        start, end = max(redaction["start"], done), min(redaction["end"], len(text))
        if start >= end:
            continue
        if start > done:
            found.append(TextSegment(text[done:start]))
        found.append(TextSegment(text[start:end], redaction["kind"].replace("_", " ")))
        done = end
    return [*found, TextSegment(text[done:])] if done < len(text) or not found else found
