"""Hash tiles of the log in the database; the ledger is the lowest level (C2SP tlog-tiles)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from consent.models import ConsentEvent, LogNode
from consent.transparency_log.merkle import Subtree, full_root

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_LEVEL = 63
TILES_KEPT = 64
SUBTREES_KEPT = 16 * TILE_WIDTH
NODES_AT_ONCE = 1000
INDEX = r"(?P<index>(?:x[0-9]{3}/)*[0-9]{3})"
_WIDTH = r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
TILE_PATH = re.compile(rf"(?P<level>entries|0|[1-9][0-9]?)/{INDEX}{_WIDTH}", re.ASCII)


class IncompleteLogError(Exception):
    """Rows of the log are missing."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Up to 256 hashes at one level, or the entries below a tile of level 0."""

    level: int
    index: int
    width: int = TILE_WIDTH
    is_entries: bool = False

    @property
    def start(self) -> int:
        return self.index * TILE_WIDTH

    @property
    def stop(self) -> int:
        return self.start + self.width

    def __str__(self) -> str:
        level = "entries" if self.is_entries else str(self.level)
        part = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"{level}/{index_path(self.index)}{part}"

    def is_within(self, size: int) -> bool:
        """Tell whether a log of `size` has all of this tile."""
        return self.stop <= nodes_at(self.level, size)


def parse_tile(path: str) -> Tile | None:
    """Parse the path after /tile/; each tile has one canonical path."""
    match = TILE_PATH.fullmatch(path)
    if match is None:
        return None
    is_entries = match["level"] == "entries"
    index = int(re.sub("[x/]", "", match["index"]))
    tile = Tile(
        0 if is_entries else int(match["level"]),
        index,
        int(match["width"] or TILE_WIDTH),
        is_entries,
    )
    return (
        tile if tile.level <= MAX_LEVEL and tile.width <= TILE_WIDTH and str(tile) == path else None
    )


def index_path(index: int) -> str:
    """Format 1234067 as x001/x234/067."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))


def nodes_at(level: int, size: int) -> int:
    """Return the number of full subtrees of 256 ** level leaves in a log of `size`."""
    return size >> (TILE_HEIGHT * level)


def node_hashes(level: int, start: int, stop: int) -> list[bytes]:
    """Return the hashes of a level from `start` to `stop`, up to the first gap."""
    rows = node_rows(level, start, stop)
    return [value for expected, (number, value) in enumerate(rows, start) if number == expected]


def node_rows(level: int, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """Yield index and hash of each node of a level in order, in batches."""
    rows: QuerySet[Any, tuple[int, bytes | memoryview]]
    if level == 0:
        events = ConsentEvent.objects.filter(position__gte=start, position__lt=stop)
        rows = events.order_by("position").values_list("position", "leaf_hash")
    else:
        nodes = LogNode.objects.filter(level=level, index__gte=start, index__lt=stop)
        rows = nodes.order_by("index").values_list("index", "hash")
    # One query per tile; a server-side cursor for longer ranges.
    found = rows if stop - start <= TILE_WIDTH else rows.iterator(chunk_size=NODES_AT_ONCE)
    return ((number, bytes(value)) for number, value in found)


def database_subtree() -> Subtree:
    """Return a `Subtree` over the database, with a cache of recent tiles.

    It does not see later growth: create a new one when the log has grown.
    """

    @lru_cache(maxsize=TILES_KEPT)
    def tile(level: int, index: int) -> list[bytes]:
        return node_hashes(level, index * TILE_WIDTH, (index + 1) * TILE_WIDTH)

    @lru_cache(maxsize=SUBTREES_KEPT)
    def subtree(height: int, index: int) -> bytes:
        level, inside = divmod(height, TILE_HEIGHT)
        first = index << inside
        hashes = tile(level, first // TILE_WIDTH)[first % TILE_WIDTH :][: 1 << inside]
        if len(hashes) != 1 << inside:
            raise IncompleteLogError(
                f"level {level} of the log ends or has a gap before {first + (1 << inside)}"
            )
        return full_root(hashes)

    return subtree


def write_full_tiles(size: int) -> None:
    """Write the roots of the tiles that a log of `size` completes."""
    level = 1
    while wanted := nodes_at(level, size):
        newest = (
            LogNode.objects.filter(level=level)
            .order_by("-index")
            .values_list("index", flat=True)
            .first()
        )
        written = 0 if newest is None else newest + 1
        nodes = new_nodes(level, written, wanted)
        while batch := list(islice(nodes, NODES_AT_ONCE)):
            LogNode.objects.bulk_create(batch)
        level += 1


def new_nodes(level: int, start: int, stop: int) -> Iterator[LogNode]:
    """Compute nodes from the level below, one tile at a time."""
    below = (
        node_rows(level - 1, start * TILE_WIDTH, stop * TILE_WIDTH) if start < stop else iter(())
    )
    for index in range(start, stop):
        rows = list(islice(below, TILE_WIDTH))
        if [number for number, _ in rows] != list(
            range(index * TILE_WIDTH, (index + 1) * TILE_WIDTH)
        ):
            raise IncompleteLogError(
                f"level {level - 1} of the log ends or has a gap in tile {index}"
            )
        yield LogNode(level=level, index=index, hash=full_root([value for _, value in rows]))
