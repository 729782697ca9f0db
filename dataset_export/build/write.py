"""Stage 3: write one shard, in each format, and note for every row where it comes from."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef

from dataset_export.build.tables import copy_rows
from dataset_export.models import BuildRange, Candidate, Record, Shard, ShardPart
from dataset_export.models.shard import PART_BYTES
from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.records import Record as PipelineRecord
from dataset_export.pipeline.records import Redaction
from dataset_export.pipeline.rows import POSTS, Row, leaf_hash, to_row
from dataset_export.pipeline.shards import shard_name, write_jsonl, write_parquet

SPLIT = "train"
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
    candidates = list(kept_candidates(part))
    rows = [to_row(record_of(candidate), pseudonyms, candidate.parent_kept) for candidate in candidates]
    store(part, Shard.Format.PARQUET, write_parquet(rows, POSTS), len(rows))
    store(part, Shard.Format.JSON_LINES, write_jsonl(rows), len(rows))
    copy_rows(Record, RECORD_COLUMNS, record_rows(part, candidates, rows, pseudonyms))


def kept_candidates(part: BuildRange) -> Iterator[Any]:
    """Candidates of the shard in the order of time, each with `parent_kept`: is the post that it answers in here?"""
    kept = Candidate.objects.filter(snapshot=part.snapshot_id, is_duplicate=False)
    parent = kept.filter(post_id=OuterRef("parent_id"))
    return (
        kept.filter(post_id__range=(part.first_id, part.last_id))
        .annotate(parent_kept=Exists(parent))
        .order_by("post_id")
        .iterator(chunk_size=5000)
    )


def record_of(candidate: Candidate) -> PipelineRecord:
    return PipelineRecord(
        post_id=candidate.post_id,
        text=candidate.text,
        language=candidate.language,
        confidence=candidate.confidence,
        created_at=candidate.created_at,
        subject=candidate.subject,
        thread_id=candidate.thread_id,
        parent_id=candidate.parent_id,
        authorship=candidate.authorship,
        consent_position=candidate.consent_position,
        notice=candidate.notice,
        redactions=tuple(Redaction(**redaction) for redaction in candidate.redactions),
    )


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
    part: BuildRange, candidates: list[Candidate], rows: list[Row], pseudonyms: Pseudonyms
) -> Iterator[tuple[Any, ...]]:
    for number, (candidate, row) in enumerate(zip(candidates, rows, strict=True)):
        salt = pseudonyms.salt(candidate.post_id)
        yield (
            part.snapshot_id,
            SPLIT,
            part.number,
            number,
            candidate.post_id,
            candidate.subject,
            candidate.consent_position,
            salt,
            leaf_hash(salt, row),
        )
