"""Exclude what reviewers excluded before the build started."""

from collections.abc import Iterable
from uuid import UUID

from dataset_export.models import Exclusion, Snapshot
from dataset_export.pipeline.records import Record
from dataset_export.pipeline.runner import Batch

# Steps and reasons of drops that no pipeline step makes.
EXCLUSION_STEP, EXCLUDED_BY_REVIEWER = "exclusion", "excluded"
REVOCATION_STEP, REVOKED = "erasure", "withdrawn"


def reviewer_excluded(snapshot: Snapshot) -> set[int | UUID]:
    """Return the ids of posts and subjects excluded at the start of the build.

    Later exclusions are erased from the finished snapshot, so that all tasks see the same.
    """
    exclusions = Exclusion.objects.filter(name=snapshot.name, at__lte=snapshot.watermark_at)
    return {
        key
        for pair in exclusions.values_list("post_id", "subject")
        for key in pair
        if key is not None
    }


def split_excluded(
    out: set[int | UUID], records: Iterable[Record]
) -> tuple[list[Record], list[Record]]:
    """Split records into remaining and excluded ones."""
    stay: list[Record] = []
    excluded: list[Record] = []
    for record in records:
        (excluded if record.post_id in out or record.subject in out else stay).append(record)
    return stay, excluded


def count_excluded(batch: Batch, excluded: list[Record]) -> None:
    """Count the excluded records as drops."""
    batch.drops += [(record.post_id, EXCLUSION_STEP, EXCLUDED_BY_REVIEWER) for record in excluded]
    if excluded:
        batch.dropped[EXCLUSION_STEP, EXCLUDED_BY_REVIEWER] += len(excluded)
