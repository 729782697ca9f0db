"""Stage 4: describe the snapshot in its manifest, sign that, and hand it to review."""

from collections import Counter
from typing import Any

from django.db.models import Count
from django.db.models.functions import Length
from django.utils import timezone

from dataset_export.building.prepare import flat
from dataset_export.models import BuildRange, Candidate, Record, Shard, Snapshot
from dataset_export.pipeline import manifest as pipeline_manifest
from dataset_export.pipeline.manifest import Counts, ShardEntry, Watermarks
from dataset_export.pipeline.merkle import merkle_root
from dataset_export.pipeline.summary import Summary, length_class
from dataset_export.selectors import ordered_shards
from dataset_export.signing import sign
from dataset_export.version import CODE_VERSION


def finish(part: BuildRange) -> None:
    snapshot = part.snapshot
    content = pipeline_manifest.canonical(describe(snapshot))
    Snapshot.objects.building().filter(pk=snapshot.pk).update(
        manifest_json=content,
        signature=sign(content),
        state=Snapshot.State.IN_REVIEW,
        stage="",
        built_at=timezone.now(),
    )
    Candidate.objects.filter(snapshot=snapshot).delete()


def describe(snapshot: Snapshot) -> dict[str, Any]:
    assert snapshot.post_watermark is not None
    assert snapshot.ledger_size is not None
    assert snapshot.watermark_at is not None
    return pipeline_manifest.build_manifest(
        name=snapshot.name,
        purpose=snapshot.purpose,
        recipe=snapshot.recipe.steps(),
        recipe_name=snapshot.recipe.name,
        recipe_version=snapshot.recipe.version,
        code_version=CODE_VERSION,
        watermarks=Watermarks(post_id=snapshot.post_watermark, ledger_position=snapshot.ledger_size),
        counts=counts_of(snapshot),
        least_notice_version=snapshot.notice_version,
        summary=summary_of(snapshot),
        authors=snapshot.records.values("subject").distinct().count(),
        merkle_root=merkle_root(leaves_of(snapshot)),
        shards=[entry(shard) for shard in ordered_shards(snapshot)],
        created_at=snapshot.watermark_at,
    )


def counts_of(snapshot: Snapshot) -> Counts:
    ranges = list(BuildRange.objects.filter(snapshot=snapshot).order_by("pk"))
    dropped = flat(part.dropped for part in ranges)
    changed: Counter[str] = Counter()
    for part in ranges:
        changed.update(part.changed)
    return Counts(
        candidates=sum(part.taken for part in ranges),
        kept=snapshot.records.count(),
        dropped=dict(sorted(dropped.items())),
        changed=dict(sorted(changed.items())),
    )


def summary_of(snapshot: Snapshot) -> Summary:
    return Summary(
        rows=snapshot.records.count(),
        languages=posts_by("language", snapshot),
        lengths=lengths_of(snapshot),
        notices=posts_by("notice", snapshot),
    )


def posts_by(column: str, snapshot: Snapshot) -> dict[str, int]:
    kept = Candidate.objects.filter(snapshot=snapshot, is_duplicate=False)
    return dict(kept.values_list(column).annotate(posts=Count("pk")).order_by("-posts", column))


def lengths_of(snapshot: Snapshot) -> Counter[int]:
    kept = Candidate.objects.filter(snapshot=snapshot, is_duplicate=False)
    lengths: Counter[int] = Counter()
    for length, posts in kept.values_list(Length("text")).annotate(posts=Count("pk")).order_by():
        lengths[length_class(length)] += posts
    return lengths


def leaves_of(snapshot: Snapshot) -> Any:
    rows = Record.objects.filter(snapshot=snapshot).order_by("split", "shard_number", "row")
    return map(bytes, rows.values_list("leaf_hash", flat=True).iterator(chunk_size=10_000))


def entry(shard: Shard) -> ShardEntry:
    return ShardEntry(
        path=shard.path,
        format=shard.format,
        split=shard.split,
        rows=shard.rows,
        bytes=shard.size,
        sha256=shard.sha256,
    )
