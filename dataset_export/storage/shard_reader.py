"""Stream a shard's bytes out of PostgreSQL, whole or a range of them (RFC 9110, section 14)."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import psycopg
from django.db import connection

from dataset_export.models import Shard
from dataset_export.models.shard import PART_BYTES

# More digits than any file is long, and few enough for int().
RANGE = re.compile(r"bytes=([0-9]{0,30})-([0-9]{0,30})", re.IGNORECASE)
# A file that is read here and there keeps so many parts at hand.
CACHED_CHUNKS = 4
_PART = "SELECT data FROM dataset_export_shardchunk WHERE shard_id = %s AND revision = %s AND number = %s"


class RangeNotSatisfiableError(Exception):
    """The range lies outside the file."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start


def parse_range(header: str, size: int) -> ByteRange | None:
    """Return the span that a Range header asks for, or None where the whole file is to be sent.

    Several ranges, and what is no byte range, count as not asked, as the RFC allows.

    Raises:
        RangeNotSatisfiable: nothing of the range is in the file.
    """
    match = RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        span = ByteRange(max(size - int(last), 0), size)
    else:
        span = ByteRange(int(first), min(int(last) + 1, size) if last else size)
    if last and first and int(last) < int(first):
        return None
    if span.start >= size or span.size <= 0:
        raise RangeNotSatisfiableError
    return span


def stream(shard: Shard, span: ByteRange) -> Iterator[bytes]:
    """Yield the bytes of a span, one part at a time, so that memory does not grow with the file."""
    for number in range(span.start // PART_BYTES, -(-span.end // PART_BYTES)):
        offset = number * PART_BYTES
        data = _read_part(shard, number)
        yield data[max(span.start - offset, 0) : min(span.end - offset, PART_BYTES)]


def _read_part(shard: Shard, number: int) -> bytes:
    """Fetch one part in PostgreSQL's binary format, which spares both sides the hexadecimal detour.

    Raises:
        LookupError: the file was rewritten since the shard was read, or is gone.
    """
    connection.ensure_connection()
    # Django's own cursors put the parameters in themselves, and such cursors know text only.
    with psycopg.Cursor(connection.connection) as cursor:
        row = cursor.execute(_PART, (shard.pk, shard.revision, number), binary=True).fetchone()
    if row is None:
        raise LookupError(f"part {number} of {shard} is gone")
    return bytes(row[0])


class ShardFile(io.RawIOBase):
    """A shard as a file that can be read from anywhere; only the parts that are touched leave the database."""

    def __init__(self, shard: Shard) -> None:
        super().__init__()
        self.shard, self.place = shard, 0
        self.part = lru_cache(maxsize=CACHED_CHUNKS)(lambda number: _read_part(shard, number))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.place = (
            offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.shard.size}[whence]
        )
        return self.place

    def read(self, size: int = -1) -> bytes:
        end = (
            self.shard.size if size is None or size < 0 else min(self.place + size, self.shard.size)
        )
        content = b"".join(self.pieces(self.place, end))
        self.place += len(content)
        return content

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        for number in range(start // PART_BYTES, -(-end // PART_BYTES)):
            offset = number * PART_BYTES
            yield self.part(number)[max(start - offset, 0) : end - offset]
