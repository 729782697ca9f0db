"""Show rows of a snapshot as a reviewer reads them: what was replaced is marked, what is withheld is left out."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dataset_export.models import Record, Shard, Snapshot
from dataset_export.pipeline.recipe import CONVERSATIONS
from dataset_export.pipeline.shards import ROWS_A_GROUP
from dataset_export.review.files import rows_of
from dataset_export.review.places import RowPlace, Stretch, places_of, records_at, row_count, stretches
from dataset_export.selectors import withheld_records

SAMPLE_ROWS, MOST_BLOCKS = 20, 8
# Of a long conversation, so many messages are shown.
MOST_MESSAGES = 30
# An answer further down is not moved in any more.
DEEPEST = 5


class Piece(NamedTuple):
    """A stretch of a text; `kind` says what was replaced there, if anything was."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One post as its row tells it; `depth` is how many messages up the thread begins."""

    pieces: list[Piece]
    language: str
    author: str
    consent: dict[str, Any]
    record: Record
    depth: int = 0


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row, and where it is."""

    place: RowPlace
    id: str
    messages: list[Message]
    label: str
    more: int = 0

    @property
    def is_conversation(self) -> bool:
        return self.place.configuration == CONVERSATIONS

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What can be left out because of this row, as the form sends it and in words."""
        authors = {message.author: message.record for message in self.messages}
        row = (f"row {self.messages[0].record.pk}", "this conversation" if self.is_conversation else "this row")
        return [row, *((f"author {record.pk}", f"all rows of {name[:8]}") for name, record in authors.items())]


def sample_rows(snapshot: Snapshot, seed: int, size: int = SAMPLE_ROWS) -> list[ShownRow]:
    """Return rows drawn from all files; the same seed gives the same rows, less those that are withheld by now.

    Of many rows some blocks are drawn first, as each costs the page 20 ms.
    """
    files = stretches(snapshot)
    drawn = random.Random(seed)  # noqa: S311  it has to be repeatable
    anchors = draw(row_count(files), seed, MOST_BLOCKS)
    numbers = [number for block in blocks_with(files, anchors) for number in block]
    return shown(snapshot, files, drawn.sample(numbers, min(size, len(numbers))))


def blocks_with(files: Sequence[Stretch], anchors: Iterable[int]) -> list[range]:
    """Return the rows that are read together with any of these."""
    blocks = set()
    for stretch, its in by_stretch(files, list(anchors)):
        for number in its:
            start = stretch.first + number - number % ROWS_A_GROUP
            blocks.add((start, min(start + ROWS_A_GROUP, stretch.end)))
    return [range(*block) for block in sorted(blocks)]


def draw(total: int, seed: int, size: int) -> list[int]:
    chosen = random.Random(seed).sample(range(total), min(size, total))  # noqa: S311  it has to be repeatable
    return sorted(chosen)


def shown(snapshot: Snapshot, files: Sequence[Stretch], numbers: Iterable[int]) -> list[ShownRow]:
    """Return the rows with these numbers, less those that are withheld or whose file is being replaced."""
    found: list[tuple[RowPlace, dict[str, Any]]] = []
    for stretch, its in by_stretch(files, sorted(numbers)):
        found += read(stretch.shard, its)
    records = records_at(snapshot, [place for place, _ in found])
    hidden = withheld(snapshot, records)
    return [row_shown(place, records[place], row) for place, row in found if place in records.keys() - hidden]


def by_stretch(files: Sequence[Stretch], numbers: list[int]) -> list[tuple[Stretch, list[int]]]:
    """Return the files that hold rows with these numbers, each with their numbers in it."""
    found = []
    for stretch in files:
        its = [number - stretch.first for number in numbers if stretch.first <= number < stretch.end]
        if its:
            found.append((stretch, its))
    return found


def read(shard: Shard, numbers: list[int]) -> list[tuple[RowPlace, dict[str, Any]]]:
    try:
        rows = rows_of(shard, numbers)
    except LookupError:
        # The file was replaced between two queries; whoever looks again sees the new one.
        return []
    return list(zip(places_of(shard, rows), rows.values(), strict=True))


def withheld(snapshot: Snapshot, records: dict[RowPlace, list[Record]]) -> set[RowPlace]:
    keys = [record.pk for its in records.values() for record in its]
    gone = set(withheld_records(snapshot).filter(pk__in=keys).values_list("pk", flat=True))
    return {place for place, its in records.items() if any(record.pk in gone for record in its)}


def row_shown(place: RowPlace, records: list[Record], row: dict[str, Any]) -> ShownRow:
    messages = row["messages"] if place.configuration == CONVERSATIONS else [as_message(row)]
    return ShownRow(
        place=place,
        id=row["id"],
        messages=thread(list(zip(messages, records, strict=True))[:MOST_MESSAGES]),
        label=label_of(row),
        more=max(0, len(messages) - MOST_MESSAGES),
    )


def label_of(row: dict[str, Any]) -> str:
    return (row.get("safety") or {}).get("label", "")


def as_message(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of posts in the shape of a message."""
    return row | {"content": row["text"], "name": row["author"], "reply_to": None}


def thread(messages: Sequence[tuple[dict[str, Any], Record]]) -> list[Message]:
    depths: list[int] = []
    for message, _ in messages:
        answered = message["reply_to"]
        depths.append(0 if answered is None else depths[answered] + 1)
    return [
        Message(
            pieces=pieces(message["content"], message["redactions"]),
            language=message["lang"],
            author=message["name"],
            consent=message["consent"],
            record=record,
            depth=min(depth, DEEPEST),
        )
        for (message, record), depth in zip(messages, depths, strict=True)
    ]


def pieces(text: str, redactions: Iterable[dict[str, Any]]) -> list[Piece]:
    """Cut a text where something was replaced; offsets are code points."""
    found, done = list[Piece](), 0
    for redaction in sorted(redactions, key=lambda redaction: redaction["start"]):
        start, end = max(redaction["start"], done), min(redaction["end"], len(text))
        if start >= end:
            continue
        if start > done:
            found.append(Piece(text[done:start]))
        found.append(Piece(text[start:end], redaction["kind"].replace("_", " ")))
        done = end
    return [*found, Piece(text[done:])] if done < len(text) or not found else found
