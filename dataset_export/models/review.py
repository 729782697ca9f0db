from django.db import models
from django.utils import timezone

from dataset_export.models.snapshot import Snapshot


class ReviewStatistics(models.Model):
    """Statistics of a snapshot's rows for its review: counts and row locations, no text.

    Valid for one manifest of the snapshot and one of the version it is compared with.
    """

    snapshot = models.OneToOneField(Snapshot, models.CASCADE, related_name="review_statistics")
    manifest_sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    data = models.JSONField()
    counted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"figures of {self.snapshot}"
