"""Read single row groups of a Parquet file stored in the database."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dataset_export.models import Shard
from dataset_export.pipeline.recipe import CONVERSATIONS, POSTS
from dataset_export.storage.shard_reader import ShardFile

_SHOWN = {
    POSTS: ["id", "text", "lang", "author", "safety", "redactions", "consent"],
    CONVERSATIONS: ["id", "messages", "safety"],
}


class Groups:
    """The row groups of a Parquet file, some thousand rows each."""

    def __init__(self, shard: Shard) -> None:
        # Single-threaded, as the database connection belongs to this thread.
        self.file = pq.ParquetFile(pa.PythonFile(ShardFile(shard), mode="r"), pre_buffer=False)
        self.firsts = [0]
        for group in range(self.file.num_row_groups):
            self.firsts.append(self.firsts[-1] + self.file.metadata.row_group(group).num_rows)

    def read(self, group: int, columns: list[str] | None = None) -> pa.Table:
        return self.file.read_row_group(group, columns=columns, use_threads=False)

    def holding(self, number: int) -> int:
        """Return the group of a row."""
        return next(group for group, first in enumerate(self.firsts[1:]) if number < first)


def rows_of(shard: Shard, numbers: list[int]) -> dict[int, dict[str, Any]]:
    """Return rows of a Parquet file by index, reading only their groups.

    Raises:
        LookupError: the file was rewritten meanwhile.
    """
    groups, wanted = Groups(shard), dict[int, list[int]]()
    for number in sorted(numbers):
        wanted.setdefault(groups.holding(number), []).append(number)
    found: dict[int, dict[str, Any]] = {}
    for group, its in wanted.items():
        table = groups.read(group, _SHOWN[shard.configuration])
        first = groups.firsts[group]
        rows = table.take([number - first for number in its]).to_pylist()
        found.update(zip(its, rows, strict=True))
    return found
