from django.db import models
from django.db.models import Q

from dataset_export.models.snapshot import Snapshot


class BuildRange(models.Model):
    """One task of a build: a stage of a snapshot for the posts from `first_id` to `last_id`.

    Whoever works on a range holds its row's lock, and all that the work writes is one transaction with `done_at`.
    A worker that is killed thereby leaves a range that nobody holds and that was never begun.
    """

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="ranges")
    stage = models.CharField(max_length=12, choices=Snapshot.Stage)
    number = models.PositiveIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    size = models.PositiveIntegerField()
    queued_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    # How many posts the gate gave to the first stage; each of them is kept or counted below.
    taken = models.PositiveIntegerField(default=0)
    # What went out and why: {"step": {"reason": n}}, and what was changed: {"step": n}.
    dropped = models.JSONField(default=dict)
    changed = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "stage", "number"], name="build_range_number"),
        ]
        indexes = [
            models.Index(fields=["snapshot", "stage"], name="build_range_open", condition=Q(done_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.number}"


class Candidate(models.Model):
    """A post that passed the steps, until the shards are written. Erased when the build ends."""

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="candidates", db_index=False)
    post_id = models.BigIntegerField()
    subject = models.UUIDField()
    thread_id = models.BigIntegerField()
    parent_id = models.BigIntegerField(null=True)
    text = models.TextField()
    language = models.CharField(max_length=16)
    confidence = models.FloatField(null=True)
    created_at = models.DateTimeField()
    authorship = models.CharField(max_length=10)
    consent_position = models.BigIntegerField()
    notice = models.CharField(max_length=60)
    redactions = models.JSONField(default=list)
    fingerprint = models.BinaryField(max_length=16)
    is_duplicate = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "post_id"], name="candidate_once")]
        indexes = [
            models.Index(fields=["snapshot", "fingerprint", "post_id"], name="candidate_duplicates"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}"
