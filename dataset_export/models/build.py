from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from dataset_export.models.snapshot import Snapshot


class BuildTask(models.Model):
    """One task of a build: a stage of a snapshot for what lies from `first_id` to `last_id`.

    Whoever works on a range holds its advisory lock, and all that the work writes is one transaction with `done_at`.
    A worker that is killed thereby leaves a range that nobody holds, that was begun and never done.
    """

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="ranges")
    stage = models.CharField(max_length=12, choices=Snapshot.Stage)
    number = models.PositiveIntegerField()
    # Ids of posts, of threads where conversations are written, numbers of parts where keys are compared.
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    size = models.PositiveIntegerField()
    # What the range writes: the shard of this number in a split of a configuration.
    configuration = models.CharField(max_length=20, blank=True)
    split = models.CharField(max_length=20, blank=True)
    shard_number = models.PositiveIntegerField(null=True)
    queued_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, blank=True)
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When the latest attempt failed, and why; both stay when a later one succeeds.
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    # How many posts the gate gave to the first stage; each of them is kept or counted below.
    taken = models.PositiveIntegerField(default=0)
    # What went out and why: {"step": {"reason": n}}, and what was changed: {"step": n}.
    dropped = models.JSONField(default=dict)
    changed = models.JSONField(default=dict)
    # What the manifest tells of the rows that the range wrote.
    summary = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "stage", "number"], name="build_range_number"
            ),
        ]
        indexes = [
            models.Index(
                fields=["snapshot", "stage"],
                name="build_range_open",
                condition=Q(done_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.number}"


class StagedPostQuerySet(models.QuerySet["StagedPost"]):
    def kept(self) -> "StagedPostQuerySet":
        """Candidates that no later stage left out."""
        drops = DroppedPost.objects.filter(
            snapshot=OuterRef("snapshot"), post_id=OuterRef("post_id")
        )
        return self.exclude(Exists(drops))

    def in_threads(self, first: int, last: int) -> "StagedPostQuerySet":
        """Candidates of the threads from the first to the last.

        The first post of a thread has the thread's id; the others are found by an index of their own.
        """
        is_first, threads = Q(thread_id=F("post_id")), (first, last)
        return self.filter(
            Q(is_first, post_id__range=threads) | Q(~is_first, thread_id__range=threads)
        )


class StagedPost(models.Model):
    """A post that passed the steps, until the shards are written. Erased when the build ends."""

    snapshot = models.ForeignKey(
        Snapshot, models.CASCADE, related_name="candidates", db_index=False
    )
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
    split = models.CharField(max_length=20)
    fingerprint = models.BinaryField(max_length=16)
    # Redactions, quality, safety and the steps that changed the text, as JSON that only the writer reads.
    details = models.BinaryField()
    # How many posts say the same, this one included.
    duplicate_count = models.PositiveIntegerField(default=1, db_default=1)
    # The index of the post in its conversation, where it is in one.
    message = models.PositiveSmallIntegerField(null=True)

    objects = StagedPostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "post_id"], name="candidate_once")
        ]
        indexes = [
            models.Index(
                fields=["snapshot", "fingerprint", "post_id"], name="candidate_duplicates"
            ),
            models.Index(
                fields=["snapshot", "thread_id"],
                name="candidate_replies",
                condition=~Q(thread_id=F("post_id")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}"


class DroppedPost(models.Model):
    """Why a post that its author shares is not in a snapshot. It stays, for the author to see."""

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="drops", db_index=False)
    post_id = models.BigIntegerField()
    step = models.CharField(max_length=30)
    reason = models.CharField(max_length=40)
    # The earlier post that says the same.
    duplicate_of = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "post_id"], name="drop_of_post_once")
        ]
        indexes = [models.Index(fields=["post_id"], name="drop_of_post")]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.reason}"


class IntermediatePartition(models.Model):
    """Numbers that the tasks of one stage hand to those of a later one: no text. Erased when the build ends.

    `part` says for which task it is, `source` from which.
    """

    class Kind(models.TextChoices):
        BANDS = "bands"
        PAIRS = "pairs"

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="spills", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    part = models.PositiveIntegerField()
    source = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "kind", "part", "source"], name="spill_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.part} from {self.source}"
