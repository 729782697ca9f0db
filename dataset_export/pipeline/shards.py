"""Write rows as files whose bytes depend on nothing but the rows."""

from collections.abc import Sequence
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from dataset_export.pipeline.rows import Row, canonical_row

# One group is what a reader takes in at once: some megabytes of short posts.
_ROWS_A_GROUP = 10_000
_LEVEL = 6

PARQUET = "parquet"
JSON_LINES = "jsonl"
_ENDINGS = {PARQUET: "parquet", JSON_LINES: "jsonl.zst"}


def shard_name(split: str, number: int, count: int, format: str, configuration="posts") -> str:
    """Return the path of a shard, counted from 0, such as data/train-00000-of-00003.parquet."""
    if not 0 <= number < count:
        raise ValueError(f"shard {number} of {count} doesn't exist")
    return (
        f"{dict(posts='data').get(configuration, configuration)}/{split}-{number:05d}-of-{count:05d}.{_ENDINGS[format]}"
    )


def write_parquet(rows: Sequence[Row], schema: pa.Schema) -> bytes:
    """Return the rows as a Parquet file (zstd, with a page index)."""
    table = pa.Table.from_arrays([_column(rows, field) for field in schema], schema=schema)
    out = BytesIO()
    pq.write_table(
        table,
        out,
        row_group_size=_ROWS_A_GROUP,
        compression="zstd",
        compression_level=_LEVEL,
        # Texts and hashes hardly ever repeat; a dictionary of them would only be thrown away.
        use_dictionary=[path for path in _leaves(schema) if path.rpartition(".")[2] not in _UNIQUE],
        # Without least and greatest texts in the footer, a text stands in one place only.
        write_statistics=[path for path in _leaves(schema) if path != "text"],
        write_page_index=True,
        store_schema=False,
    )
    return out.getvalue()


def write_jsonl(rows: Sequence[Row]) -> bytes:
    """Return the rows as JSON Lines (zstd); each line is what the leaf of its row commits to."""
    lines = b"".join(row + b"\n" for row in rows)
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(lines)


_UNIQUE = frozenset({"id", "text", "parent"})


def _column(rows: Sequence[Row], field: pa.Field) -> pa.Array:
    values = [row[field.name] for row in rows]
    if pa.types.is_timestamp(field.type):
        return pa.array(values, pa.string()).cast(field.type)
    return pa.array(values, field.type)


def _leaves(schema: pa.Schema) -> list[str]:
    """Return the paths of the columns as Parquet names them."""
    return [column.path for column in _parquet_columns(schema)]


def _parquet_columns(schema: pa.Schema) -> list[pq.ColumnSchema]:
    out = BytesIO()
    pq.write_table(schema.empty_table(), out, store_schema=False)
    parquet = pq.read_metadata(out).schema
    return [parquet.column(number) for number in range(len(parquet.names))]
