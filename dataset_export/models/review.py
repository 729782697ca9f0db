from django.db import models
from django.utils import timezone

from dataset_export.models.snapshot import Snapshot


class ReviewStatistics(models.Model):
    """What was counted over the rows of a snapshot for its review: numbers and places of rows, never texts.

    They hold for one manifest of the snapshot and one of the revision that it is compared with.
    """

    snapshot = models.OneToOneField(Snapshot, models.CASCADE, related_name="review_figures")
    manifest_sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    data = models.JSONField()
    counted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"figures of {self.snapshot}"
