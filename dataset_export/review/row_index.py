"""Locate rows of a snapshot: all rows of all files in one order, by index."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q

from dataset_export.eligibility import ordered_shards
from dataset_export.models import Removal, RowProvenance, Shard, Snapshot


class RowLocation(NamedTuple):
    """The location of a row in the records."""

    configuration: str
    split: str
    shard_number: int
    row: int


class FileSpan(NamedTuple):
    """A file and the index of its first row among all rows of the snapshot."""

    shard: Shard
    first: int

    @property
    def end(self) -> int:
        return self.first + self.shard.rows


def file_spans(snapshot: Snapshot) -> list[FileSpan]:
    """Return the files with rows, in order."""
    found, first = [], 0
    for shard in ordered_shards(snapshot).filter(format=Shard.Format.PARQUET, rows__gt=0):
        found.append(FileSpan(shard, first))
        first += shard.rows
    return found


def row_count(files: list[FileSpan]) -> int:
    return files[-1].end if files else 0


def places_of(shard: Shard, numbers: Iterable[int]) -> list[RowLocation]:
    """Return the locations of a file's rows, whose row numbers are those of the build.

    Erased rows leave gaps in the numbers.
    """
    gone = Removal.objects.signed().filter(
        snapshot=shard.snapshot_id,
        configuration=shard.configuration,
        split=shard.split,
        shard_number=shard.number,
    )
    vacant = list(gone.order_by("row").values_list("row", flat=True))
    return [
        RowLocation(shard.configuration, shard.split, shard.number, row)
        for row in skip_removed(sorted(numbers), vacant)
    ]


def skip_removed(numbers: list[int], vacant: list[int]) -> list[int]:
    """Return the build's row number for each index in a file with gaps."""
    found, passed = [], 0
    for number in numbers:
        while passed < len(vacant) and vacant[passed] <= number + passed:
            passed += 1
        found.append(number + passed)
    return found


def records_at(
    snapshot: Snapshot, places: Iterable[RowLocation]
) -> dict[RowLocation, list[RowProvenance]]:
    """Return the records of rows, of a conversation in the order of messages."""
    rows: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for configuration, split, shard_number, row in places:
        rows[configuration, split, shard_number].append(row)
    if not rows:
        return {}
    wanted = Q()
    for (configuration, split, shard_number), numbers in rows.items():
        wanted |= Q(
            configuration=configuration, split=split, shard_number=shard_number, row__in=numbers
        )
    records: dict[RowLocation, list[RowProvenance]] = defaultdict(list)
    for record in snapshot.provenance.filter(wanted).order_by(
        "configuration", "split", "shard_number", "row", "message"
    ):
        records[
            RowLocation(record.configuration, record.split, record.shard_number, record.row)
        ].append(record)
    return records
