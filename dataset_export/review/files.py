"""Read single groups of rows out of a Parquet file that lies in the database in parts."""

import io
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dataset_export.delivery import read_part
from dataset_export.models import Shard
from dataset_export.models.shard import PART_BYTES
from dataset_export.pipeline.recipe import CONVERSATIONS, POSTS

PARTS_KEPT = 4
SHOWN = {
    POSTS: ["id", "text", "lang", "author", "safety", "redactions", "consent"],
    CONVERSATIONS: ["id", "messages", "safety"],
}


class ShardFile(io.RawIOBase):
    """A shard as a file that can be read from anywhere; only the parts that are touched leave the database."""

    def __init__(self, shard: Shard) -> None:
        super().__init__()
        self.shard, self.place = shard, 0
        self.part = lru_cache(maxsize=PARTS_KEPT)(lambda number: read_part(shard, number))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.shard.size}[whence]
        return self.place

    def read(self, size: int = -1) -> bytes:
        end = self.shard.size if size is None or size < 0 else min(self.place + size, self.shard.size)
        content = b"".join(self.pieces(self.place, end))
        self.place += len(content)
        return content

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        for number in range(start // PART_BYTES, -(-end // PART_BYTES)):
            offset = number * PART_BYTES
            yield self.part(number)[max(start - offset, 0) : end - offset]


class Groups:
    """The groups of rows of a Parquet file, some thousand rows each."""

    def __init__(self, shard: Shard) -> None:
        # On this thread alone, as the connection to the database is of this thread.
        self.file = pq.ParquetFile(pa.PythonFile(ShardFile(shard), mode="r"), pre_buffer=False)
        self.firsts = [0]
        for group in range(self.file.num_row_groups):
            self.firsts.append(self.firsts[-1] + self.file.metadata.row_group(group).num_rows)

    def read(self, group: int, columns: list[str] | None = None) -> pa.Table:
        return self.file.read_row_group(group, columns=columns, use_threads=False)

    def holding(self, number: int) -> int:
        """Return the group that holds a row of the file."""
        return next(group for group, first in enumerate(self.firsts[1:]) if number < first)


def rows_of(shard: Shard, numbers: list[int]) -> dict[int, dict[str, Any]]:
    """Return rows of a Parquet file by their numbers in it, as far as they are shown; only their groups are read.

    Raises:
        LookupError: the file was rewritten meanwhile.
    """
    groups, wanted = Groups(shard), dict[int, list[int]]()
    for number in sorted(numbers):
        wanted.setdefault(groups.holding(number), []).append(number)
    found: dict[int, dict[str, Any]] = {}
    for group, its in wanted.items():
        table = groups.read(group, SHOWN[shard.configuration])
        first = groups.firsts[group]
        rows = table.take([number - first for number in its]).to_pylist()
        found.update(zip(its, rows, strict=True))
    return found
