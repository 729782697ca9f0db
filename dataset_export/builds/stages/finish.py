"""Stage 8: write and sign the manifest, and hand the snapshot to review."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from dataset_export.builds.cleanup import erase_staging
from dataset_export.builds.locks import TaskNotAvailableError
from dataset_export.builds.stages.prepare import flatten
from dataset_export.eligibility import ordered_shards
from dataset_export.models import BuildTask, RowProvenance, Shard, Snapshot
from dataset_export.pipeline import manifest as pipeline_manifest
from dataset_export.pipeline.manifest import Counts, EvaluationListEntry, ShardEntry, Watermarks
from dataset_export.pipeline.merkle import merkle_root
from dataset_export.pipeline.summary import Summary
from dataset_export.signing.manifests import sign_manifest
from dataset_export.signing.revisions import create_revision
from dataset_export.version import CODE_VERSION


def finish(task: BuildTask) -> None:
    snapshot = task.snapshot
    content = pipeline_manifest.canonical_manifest(build_manifest_data(snapshot))
    erase_staging(snapshot)
    ended = (
        Snapshot.objects.building()
        .filter(pk=snapshot.pk)
        .update(
            manifest_json=content,
            signature=sign_manifest(content),
            state=Snapshot.State.IN_REVIEW,
            stage="",
            built_at=timezone.now(),
        )
    )
    if not ended:
        raise TaskNotAvailableError
    create_revision(snapshot.pk, number=0, content=content, at=timezone.now())


def build_manifest_data(snapshot: Snapshot) -> dict[str, Any]:
    assert snapshot.post_watermark is not None
    assert snapshot.ledger_size is not None
    assert snapshot.watermark_at is not None
    tasks = list(BuildTask.objects.filter(snapshot=snapshot).order_by("pk"))
    return pipeline_manifest.build_manifest(
        name=snapshot.name,
        purpose=snapshot.purpose,
        recipe=snapshot.recipe.steps(),
        recipe_name=snapshot.recipe.name,
        recipe_version=snapshot.recipe.version,
        code_version=CODE_VERSION,
        watermarks=Watermarks(
            post_id=snapshot.post_watermark, ledger_position=snapshot.ledger_size
        ),
        least_notice_version=snapshot.notice_version,
        evaluation_lists=[
            EvaluationListEntry(each.name, each.sha256, each.texts)
            for each in snapshot.evaluation_lists.defer("ngrams").order_by("name")
        ],
        counts=counts_of(snapshot, tasks),
        summary=sum((Summary.from_json(task.summary) for task in tasks if task.summary), Summary()),
        authors=snapshot.provenance.values("subject").distinct().count(),
        merkle_root=merkle_root(load_leaves(snapshot)),
        shards=[shard_entry(shard) for shard in ordered_shards(snapshot)],
        created_at=snapshot.watermark_at,
    )


def counts_of(snapshot: Snapshot, tasks: list[BuildTask]) -> Counts:
    dropped = flatten(task.dropped for task in tasks)
    changed: Counter[str] = Counter()
    for task in tasks:
        changed.update(task.changed)
    return Counts(
        candidates=sum(task.taken for task in tasks),
        kept=snapshot.provenance.values("post_id").distinct().count(),
        dropped=dict(sorted(dropped.items())),
        changed=dict(sorted(changed.items())),
    )


def load_leaves(snapshot: Snapshot) -> Iterator[bytes]:
    rows = RowProvenance.objects.filter(snapshot=snapshot, message=0)
    ordered = rows.order_by("configuration", "split", "shard_number", "row")
    hashes = ordered.values_list("leaf_hash", flat=True).iterator(chunk_size=10_000)
    return (bytes(leaf) for leaf in hashes if leaf is not None)


def shard_entry(shard: Shard) -> ShardEntry:
    return ShardEntry(
        path=shard.path,
        format=shard.format,
        configuration=shard.configuration,
        split=shard.split,
        rows=shard.rows,
        bytes=shard.size,
        sha256=shard.sha256,
    )
