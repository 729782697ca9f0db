"""Stage 2: of equal texts keep the one with the least id, whatever the order of work."""

from django.db.models import Exists, OuterRef

from dataset_export.models import BuildRange, Candidate
from dataset_export.pipeline.recipe import EXACT_DUPLICATES

REASON = "duplicate"


def deduplicate(part: BuildRange) -> None:
    if not part.snapshot.recipe.steps().removes_exact_duplicates:
        return
    earlier = Candidate.objects.filter(
        snapshot=part.snapshot_id, fingerprint=OuterRef("fingerprint"), post_id__lt=OuterRef("post_id")
    )
    later_copies = Candidate.objects.filter(
        Exists(earlier), snapshot=part.snapshot_id, post_id__range=(part.first_id, part.last_id)
    )
    number = later_copies.update(is_duplicate=True)
    part.dropped = {EXACT_DUPLICATES: {REASON: number}} if number else {}
