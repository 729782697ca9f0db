"""Stage 7: write one shard in each format, and the provenance of its rows."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

import orjson
from django.db.models import BinaryField, Exists, F, Func, OuterRef, Value

from dataset_export.builds.bulk_io import copy_rows, stream_rows
from dataset_export.eligibility import counted_configuration
from dataset_export.models import BuildTask, RowProvenance, Shard, ShardChunk, StagedPost
from dataset_export.models.shard import PART_BYTES
from dataset_export.pipeline import conversations as pipeline_conversations
from dataset_export.pipeline import rows as pipeline_rows
from dataset_export.pipeline.conversations import to_conversation
from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.recipe import CONVERSATIONS, POSTS
from dataset_export.pipeline.records import Quality, Redaction, Safety
from dataset_export.pipeline.records import Record as PipelineRecord
from dataset_export.pipeline.rows import row_leaf_hash, row_line, to_row
from dataset_export.pipeline.shards import ShardWriter, shard_name, write_proof
from dataset_export.pipeline.summary import Summary

SCHEMAS = {
    POSTS: pipeline_rows.POSTS_SCHEMA,
    CONVERSATIONS: pipeline_conversations.CONVERSATIONS_SCHEMA,
}
# Posts processed together; they fit a processor's cache.
_POSTS_AT_ONCE = 1_000
# In the order of the fields of a pipeline record.
_CANDIDATE_COLUMNS = (
    "post_id",
    "text",
    "language",
    "confidence",
    "created_at",
    "subject",
    "thread_id",
    "parent_id",
    "authorship",
    "consent_position",
    "notice",
)
# Rows have no region: it only helped to find phone numbers.
NO_REGION = ""
RECORD_COLUMNS = (
    "snapshot_id",
    "configuration",
    "split",
    "shard_number",
    "row",
    "message",
    "post_id",
    "subject",
    "consent_position",
    "changed",
    "salt",
    "leaf_hash",
)


class RowSource(NamedTuple):
    """A post of a row, with what the pipeline knows besides its record."""

    record: PipelineRecord
    changed: str
    duplicate_count: int
    parent_kept: bool


class OutputRow(NamedTuple):
    """A row as a JSON line, with its salt, leaf hash and posts."""

    line: bytes
    salt: bytes
    leaf: bytes
    sources: list[RowSource]


class _KeyedHash(Func):
    """The SHA-256 of a key and a number, computed by PostgreSQL: a different order per dataset."""

    function = "sha256"
    arg_joiner = " || "
    output_field = BinaryField()

    def __init__(self, key: bytes, column: str) -> None:
        super().__init__(
            Value(key, output_field=BinaryField()), Func(F(column), function="int8send")
        )


def write(task: BuildTask) -> None:
    pseudonyms = Pseudonyms(bytes(task.snapshot.pseudonym_key))
    writer, summary, rows = ShardWriter(SCHEMAS[task.configuration]), Summary(), 0
    leaves: list[tuple[bytes, bytes]] = []
    for batch in batches(_ROWS[task.configuration](task, pseudonyms)):
        writer.add([each.line for each in batch], sum(len(each.sources) for each in batch))
        copy_rows(RowProvenance, RECORD_COLUMNS, record_rows(task, batch, rows))
        leaves += ((each.salt, each.leaf) for each in batch)
        summary += _summary_of(task.configuration, batch)
        rows += len(batch)
    for format, content in (*writer.close().items(), (Shard.Format.PROOF, write_proof(leaves))):
        store(task, format, content, rows)
    if task.configuration == counted_configuration(task.snapshot):
        task.summary = summary.to_json()


def batches(written: Iterable[OutputRow]) -> Iterator[list[OutputRow]]:
    """Yield rows in batches by number of posts, as a conversation may have hundreds."""
    batch: list[OutputRow] = []
    posts = 0
    for each in written:
        batch.append(each)
        posts += len(each.sources)
        if posts >= _POSTS_AT_ONCE:
            yield batch
            batch, posts = [], 0
    if batch:
        yield batch


def _summary_of(configuration: str, batch: list[OutputRow]) -> Summary:
    """Return the statistics of rows for the manifest.

    From the written rows, so that a revision can count what is left of them.
    """
    if configuration == CONVERSATIONS:
        return Summary.of_rows(orjson.loads(each.line) for each in batch)
    sources = [source for each in batch for source in each.sources]
    return Summary.of(
        [source.record for source in sources], [source.duplicate_count for source in sources]
    )


def _posts(task: BuildTask, pseudonyms: Pseudonyms) -> Iterator[OutputRow]:
    """Yield the rows of a shard of posts, in an order that reveals nothing."""
    kept = selected_candidates(task).filter(post_id__range=(task.first_id, task.last_id))
    kept = kept.order_by(_KeyedHash(pseudonyms.order_key, "post_id"))
    for source in sources_of(task, kept):
        record = source.record
        row = to_row(record, pseudonyms, source.parent_kept, source.duplicate_count)
        yield committed(row_line(row), pseudonyms.salt(record.post_id), [source])


def _conversations(task: BuildTask, pseudonyms: Pseudonyms) -> Iterator[OutputRow]:
    """Yield the rows of a shard of conversations, in an order that reveals nothing."""
    kept = (
        selected_candidates(task)
        .in_threads(task.first_id, task.last_id)
        .filter(message__isnull=False)
    )
    found = sources_of(
        task, kept.order_by(_KeyedHash(pseudonyms.order_key, "thread_id"), "thread_id", "message")
    )
    for thread_id, thread in groupby(found, lambda source: source.record.thread_id):
        messages = list(thread)
        row = to_conversation(reply_indexes([source.record for source in messages]), pseudonyms)
        yield committed(row_line(row), pseudonyms.conversation_salt(thread_id), messages)


def committed(line: bytes, salt: bytes, sources: list[RowSource]) -> OutputRow:
    return OutputRow(line, salt, row_leaf_hash(salt, line), sources)


_ROWS = {POSTS: _posts, CONVERSATIONS: _conversations}


def reply_indexes(records: list[PipelineRecord]) -> list[tuple[PipelineRecord, int | None]]:
    """Return the messages of a conversation, each with the index of its parent."""
    places = {record.post_id: place for place, record in enumerate(records)}
    return [
        (record, None if record.parent_id is None else places[record.parent_id])
        for record in records
    ]


def selected_candidates(task: BuildTask) -> Any:
    return StagedPost.objects.filter(snapshot=task.snapshot_id, split=task.split).kept()


def sources_of(task: BuildTask, candidates: Any) -> Iterator[RowSource]:
    """Yield staged posts as pipeline records, with whether their parent is included."""
    parent = StagedPost.objects.filter(
        snapshot=task.snapshot_id, post_id=OuterRef("parent_id")
    ).kept()
    candidates = candidates.annotate(parent_kept=Exists(parent))
    columns = (*_CANDIDATE_COLUMNS, "details", "duplicate_count", "parent_kept")
    for *values, details, duplicate_count, parent_kept in stream_rows(
        candidates, *columns, size=_POSTS_AT_ONCE
    ):
        redactions, quality, safety, changed = orjson.loads(details)
        signals = (Quality(*quality) if quality else None, Safety(*safety) if safety else None)
        spans = tuple(Redaction(*redaction) for redaction in redactions)
        record = PipelineRecord._make((*values, spans, NO_REGION, *signals))
        yield RowSource(record, changed, duplicate_count, parent_kept)


def store(task: BuildTask, format: str, content: bytes, rows: int) -> None:
    """Store a file in chunks under its public path."""
    assert task.shard_number is not None
    shard = Shard.objects.create(
        snapshot=task.snapshot,
        configuration=task.configuration,
        split=task.split,
        number=task.shard_number,
        format=format,
        path=shard_name(
            task.split, task.shard_number, shards_in_split(task), format, task.configuration
        ),
        rows=rows,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    store_chunks(shard, content)


def store_chunks(shard: Shard, content: bytes, revision: int = 0) -> None:
    """Store the bytes that a file has from a revision on."""
    for number, start in enumerate(range(0, len(content), PART_BYTES)):
        ShardChunk.objects.create(
            shard=shard, revision=revision, number=number, data=content[start : start + PART_BYTES]
        )


def shards_in_split(task: BuildTask) -> int:
    """Return the number of shards of the split in this configuration."""
    return BuildTask.objects.filter(
        snapshot=task.snapshot_id,
        stage=task.stage,
        configuration=task.configuration,
        split=task.split,
    ).count()


def record_rows(
    task: BuildTask, written: Iterable[OutputRow], first: int
) -> Iterator[tuple[Any, ...]]:
    for number, (_, salt, leaf, messages) in enumerate(written, start=first):
        for place, source in enumerate(messages):
            record = source.record
            yield (
                task.snapshot_id,
                task.configuration,
                task.split,
                task.shard_number,
                number,
                place,
                record.post_id,
                record.subject,
                record.consent_position,
                source.changed,
                None if place else salt,
                None if place else leaf,
            )
