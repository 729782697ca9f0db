"""Search the rows of a snapshot within a time limit, and report how far it got."""

import re
import time
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from dataset_export.models import Snapshot
from dataset_export.pipeline.recipe import CONVERSATIONS
from dataset_export.review.files import Groups
from dataset_export.review.previews import RowPreview, load_rows
from dataset_export.review.row_index import FileSpan, file_spans, row_count

_SECONDS = 1.0
MAX_RESULTS = 20


class RowQuery(NamedTuple):
    """Criteria of a search; empty ones match everything."""

    words: str = ""
    language: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Rows found between `start` and `end` of `total`."""

    rows: list[RowPreview]
    start: int
    end: int
    total: int

    @property
    def is_complete(self) -> bool:
        return self.end >= self.total


def search_rows(
    snapshot: Snapshot, query: RowQuery, start: int = 0, seconds: float = _SECONDS
) -> SearchResult:
    """Return matching rows from an index on, within the time limit but at least one group."""
    files = file_spans(snapshot)
    total, deadline = row_count(files), time.monotonic() + seconds
    numbers, end = list[int](), min(start, total)
    for stretch in files:
        while stretch.first <= end < stretch.end and len(numbers) < MAX_RESULTS:
            if end > start and time.monotonic() > deadline:
                return SearchResult(load_rows(snapshot, files, numbers), start, end, total)
            its, end = search_group(stretch, query, end)
            if len(numbers) + len(its) > MAX_RESULTS:
                its = its[: MAX_RESULTS - len(numbers)]
                end = its[-1] + 1
            numbers += its
    return SearchResult(load_rows(snapshot, files, numbers), start, end, total)


def search_group(stretch: FileSpan, query: RowQuery, start: int) -> tuple[list[int], int]:
    """Return matching rows of the group with row `start`, and the start of the next group."""
    try:
        groups = Groups(stretch.shard)
        group = groups.holding(start - stretch.first)
        table = groups.read(group, columns_of(stretch))
    except LookupError:
        # The file was replaced meanwhile; the next search reads the new one.
        return [], stretch.end
    first = stretch.first + groups.firsts[group]
    fits = pc.indices_nonzero(_matching(table, query, is_conversation(stretch))).to_pylist()
    return [
        first + place for place in fits if first + place >= start
    ], stretch.first + groups.firsts[group + 1]


def is_conversation(stretch: FileSpan) -> bool:
    return stretch.shard.configuration == CONVERSATIONS


def columns_of(stretch: FileSpan) -> list[str]:
    return (
        ["messages", "languages", "safety"]
        if is_conversation(stretch)
        else ["text", "lang", "safety"]
    )


def _matching(table: pa.Table, query: RowQuery, is_conversation: bool) -> pa.ChunkedArray:
    """Return which rows match."""
    fits = pa.chunked_array([pa.repeat(True, table.num_rows)])
    if query.words:
        holds = (
            in_messages(table, query.words)
            if is_conversation
            else contains_text(table["text"], query.words)
        )
        fits = pc.and_(fits, holds)
    if query.language:
        spoken = (
            in_languages(table, query.language)
            if is_conversation
            else pc.equal(table["lang"], query.language)
        )
        fits = pc.and_(fits, spoken)
    if query.label:
        labels = pc.struct_field(table["safety"], "label")
        fits = pc.and_(fits, pc.fill_null(pc.equal(labels, query.label), False))
    return fits


def contains_text(texts: pa.ChunkedArray, words: str) -> pa.ChunkedArray:
    """Return which texts contain the words, ignoring case and spacing."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    return pc.match_substring_regex(texts, pattern=pattern, ignore_case=True)


def in_messages(table: pa.Table, words: str) -> pa.Array:
    """Return which conversations have a message that contains the words."""
    messages = table["messages"].combine_chunks()
    holds = contains_text(pc.struct_field(pc.list_flatten(messages), "content"), words)
    return any_of(table.num_rows, pc.list_parent_indices(messages), holds)


def in_languages(table: pa.Table, language: str) -> pa.Array:
    languages = table["languages"].combine_chunks()
    return any_of(
        table.num_rows,
        pc.list_parent_indices(languages),
        pc.equal(pc.list_flatten(languages), language),
    )


def any_of(rows: int, parents: pa.Array, holds: pa.Array) -> pa.Array:
    return pc.is_in(
        pa.array(range(rows), pa.int64()), value_set=pc.filter(parents, holds).cast(pa.int64())
    )
