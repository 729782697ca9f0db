"""Stage 3: write one shard, in each format, and note for every row where it comes from."""

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson
from django.db.models import Exists, OuterRef, TextField
from django.db.models.functions import Cast

from dataset_export.building.tables import copy_rows, read_rows
from dataset_export.models import BuildRange, Candidate, Record, Shard, ShardPart
from dataset_export.models.shard import PART_BYTES
from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.records import Record as PipelineRecord
from dataset_export.pipeline.records import Redaction
from dataset_export.pipeline.rows import POSTS, leaf_hash, row_line, to_row
from dataset_export.pipeline.shards import shard_name, write_jsonl, write_parquet

SPLIT = "train"
# In the order of the fields of a pipeline record; its redactions follow.
CANDIDATE_COLUMNS = (
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
RECORD_COLUMNS = (
    "snapshot_id",
    "split",
    "shard_number",
    "row",
    "post_id",
    "subject",
    "consent_position",
    "salt",
    "leaf_hash",
)


def write(part: BuildRange) -> None:
    pseudonyms = Pseudonyms(bytes(part.snapshot.secret))
    found = kept_candidates(part)
    records = [record for record, _ in found]
    lines = [row_line(to_row(record, pseudonyms, parent_kept)) for record, parent_kept in found]
    store(part, Shard.Format.PARQUET, write_parquet(lines, POSTS), len(lines))
    store(part, Shard.Format.JSON_LINES, write_jsonl(lines), len(lines))
    copy_rows(Record, RECORD_COLUMNS, record_rows(part, records, lines, pseudonyms))


def kept_candidates(part: BuildRange) -> list[tuple[PipelineRecord, bool]]:
    """Return the records of the shard in the order of time, each with: is the post that it answers in here?"""
    kept = Candidate.objects.filter(snapshot=part.snapshot_id, is_duplicate=False)
    parent = kept.filter(post_id=OuterRef("parent_id"))
    candidates = (
        kept.filter(post_id__range=(part.first_id, part.last_id))
        .annotate(redactions_json=Cast("redactions", TextField()), parent_kept=Exists(parent))
        .order_by("post_id")
    )
    return [
        (PipelineRecord(*[*values, redactions_of(json)]), parent_kept)
        for *values, json, parent_kept in read_rows(candidates, *CANDIDATE_COLUMNS, "redactions_json", "parent_kept")
    ]


def redactions_of(json: str) -> tuple[Redaction, ...]:
    return () if json == "[]" else tuple(Redaction(**redaction) for redaction in orjson.loads(json))


def store(part: BuildRange, format: str, content: bytes, rows: int) -> None:
    """Keep a file in parts, under the path that its readers know."""
    count = BuildRange.objects.filter(snapshot=part.snapshot_id, stage=part.stage).count()
    shard = Shard.objects.create(
        snapshot=part.snapshot,
        split=SPLIT,
        number=part.number,
        format=format,
        path=shard_name(SPLIT, part.number, count, format),
        rows=rows,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    for number, start in enumerate(range(0, len(content), PART_BYTES)):
        ShardPart.objects.create(shard=shard, number=number, data=content[start : start + PART_BYTES])


def record_rows(
    part: BuildRange, records: list[PipelineRecord], lines: list[bytes], pseudonyms: Pseudonyms
) -> Iterator[tuple[Any, ...]]:
    for number, (record, line) in enumerate(zip(records, lines, strict=True)):
        salt = pseudonyms.salt(record.post_id)
        yield (
            part.snapshot_id,
            SPLIT,
            part.number,
            number,
            record.post_id,
            record.subject,
            record.consent_position,
            salt,
            leaf_hash(salt, line),
        )
