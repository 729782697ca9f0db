"""Write rows as files whose bytes depend on nothing but the rows.

Both formats are made of the rows' lines of JSON (rows.row_line), so that they cannot differ.
"""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Final

import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq
import zstandard

# One group is what a reader takes in at once: some megabytes of short posts.
ROWS_A_GROUP: Final = 10_000
# Level 6 takes twice the time to save a twentieth of the bytes.
_LEVEL = 3

PARQUET = "parquet"
JSON_LINES = "jsonl"
PROOF = "proof"
_ENDINGS = {PARQUET: "parquet", JSON_LINES: "jsonl.zst", PROOF: "jsonl.zst"}

POSTS_CONFIGURATION: Final = "posts"
CONVERSATIONS_CONFIGURATION: Final = "conversations"
_FOLDERS = {POSTS_CONFIGURATION: "data", CONVERSATIONS_CONFIGURATION: "conversations"}


def shard_name(
    split: str, number: int, count: int, format: str, configuration: str = POSTS_CONFIGURATION
) -> str:
    """Return the path of a shard, counted from 0, such as data/train-00000-of-00003.parquet."""
    if not 0 <= number < count:
        raise ValueError(f"shard {number} of {count} doesn't exist")
    folder = f"proofs/{configuration}" if format == PROOF else _FOLDERS[configuration]
    return f"{folder}/{split}-{number:05d}-of-{count:05d}.{_ENDINGS[format]}"


class ShardWriter:
    """Write the rows of one shard in both formats, so that no more than a row group is in memory as rows.

    The Parquet file (zstd, with a page index) has a row group for so many posts; each line of the JSON Lines (zstd) is
    what the leaf of its row commits to.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._waiting: list[bytes] = []
        self._posts = 0
        self._parquet, self._lines = BytesIO(), BytesIO()
        self._table_writer = pq.ParquetWriter(
            self._parquet,
            schema,
            compression="zstd",
            compression_level=_LEVEL,
            # Texts and hashes hardly ever repeat; a dictionary of them would only be thrown away.
            use_dictionary=[path for path in _leaves(schema) if _field(path) not in _UNIQUE],
            # Without least and greatest texts in the footer, a text stands in one place only.
            write_statistics=[path for path in _leaves(schema) if _field(path) not in _TEXTS],
            write_page_index=True,
            store_schema=False,
        )
        self._line_writer = zstandard.ZstdCompressor(
            level=_LEVEL, write_checksum=True
        ).compressobj()

    def add(self, lines: Sequence[bytes], posts: int) -> None:
        """Append rows, given as their lines of JSON, that are made of so many posts."""
        self._waiting += lines
        self._posts += posts
        if self._posts >= ROWS_A_GROUP:
            self._write_group()

    def close(self) -> dict[str, bytes]:
        """Return the finished files by format."""
        if self._waiting:
            self._write_group()
        self._table_writer.close()
        self._lines.write(self._line_writer.flush())
        return {PARQUET: self._parquet.getvalue(), JSON_LINES: self._lines.getvalue()}

    def _write_group(self) -> None:
        content = _joined(self._waiting)
        self._table_writer.write_table(_table(content, self._schema))
        self._lines.write(self._line_writer.compress(content))
        self._waiting, self._posts = [], 0


def write_shard(lines: Sequence[bytes], schema: pa.Schema) -> dict[str, bytes]:
    """Return the files of a shard by format, given all its rows as lines of JSON, each counted as one post."""
    writer = ShardWriter(schema)
    for start in range(0, len(lines), ROWS_A_GROUP):
        group = lines[start : start + ROWS_A_GROUP]
        writer.add(group, len(group))
    return writer.close()


def write_lines(lines: Iterable[bytes]) -> bytes:
    """Return a file of JSON Lines (zstd)."""
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(_joined(lines))


def write_proof(leaves: Iterable[tuple[bytes | None, bytes]]) -> bytes:
    """Return what it takes to check a shard against the Merkle root, given salt and leaf of each row it ever had.

    A line for each of those rows in order (zstd): the salt of a row that is there, with which its line of JSON makes
    the leaf; of one that was removed, and whose salt is None, the leaf itself.
    """
    return write_lines(
        b'{"leaf":"%b"}' % leaf.hex().encode()
        if salt is None
        else b'{"salt":"%b"}' % salt.hex().encode()
        for salt, leaf in leaves
    )


def read_jsonl_shard(content: bytes) -> list[bytes]:
    """Return the lines of a file of JSON Lines (zstd)."""
    with zstandard.ZstdDecompressor().stream_reader(content) as reader:
        return reader.read().split(b"\n")[:-1]


def read_schema(content: bytes) -> pa.Schema:
    """Return the schema of a Parquet file, by which the file can be written again."""
    return pq.read_schema(pa.BufferReader(content))


_TEXTS = frozenset({"text", "content"})
_UNIQUE = _TEXTS | {"id", "parent"}


def _joined(lines: Iterable[bytes]) -> bytes:
    return b"\n".join([*lines, b""])


def _table(content: bytes, schema: pa.Schema) -> pa.Table:
    """Read lines of JSON in one go, on one thread; a field that the schema doesn't have is an error."""
    if not content:
        return schema.empty_table()
    table = pyarrow.json.read_json(
        pa.BufferReader(content),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(content)),
        parse_options=pyarrow.json.ParseOptions(
            explicit_schema=schema, unexpected_field_behavior="error"
        ),
    )
    return table.select(schema.names).cast(schema)


def _leaves(schema: pa.Schema) -> list[str]:
    """Return the paths of the columns as Parquet names them."""
    return [column.path for column in _parquet_columns(schema)]


def _field(path: str) -> str:
    return path.rpartition(".")[2]


def _parquet_columns(schema: pa.Schema) -> Iterator[pq.ColumnSchema]:
    out = BytesIO()
    pq.write_table(schema.empty_table(), out, store_schema=False)
    parquet = pq.read_metadata(out).schema
    return (parquet.column(number) for number in range(len(parquet.names)))
