from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from dataset_export.models.snapshot import Snapshot


class BuildTask(models.Model):
    """One task of a build: a stage of a snapshot for the ids `first_id` to `last_id`.

    A worker holds the task's advisory lock and writes everything in one transaction with `done_at`.
    A killed worker therefore leaves a task that is unlocked, started and not done.
    """

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="tasks")
    stage = models.CharField(max_length=12, choices=Snapshot.Stage)
    number = models.PositiveIntegerField()
    # Ids of posts or threads, or indexes of partitions, depending on the stage.
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    size = models.PositiveIntegerField()
    # The shard that the task writes, if any.
    configuration = models.CharField(max_length=20, blank=True)
    split = models.CharField(max_length=20, blank=True)
    shard_number = models.PositiveIntegerField(null=True)
    queued_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, blank=True)
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The latest failure. It stays when a later attempt succeeds.
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    # Eligible posts taken in; each is either kept or counted below.
    taken = models.PositiveIntegerField(default=0)
    # Counts of drops {"step": {"reason": n}} and of changes {"step": n}.
    dropped = models.JSONField(default=dict)
    changed = models.JSONField(default=dict)
    # Statistics of the written rows for the manifest.
    summary = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "stage", "number"], name="build_task_number"
            ),
        ]
        indexes = [
            models.Index(
                fields=["snapshot", "stage"],
                name="build_task_open",
                condition=Q(done_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.number}"


class StagedPostQuerySet(models.QuerySet["StagedPost"]):
    def kept(self) -> "StagedPostQuerySet":
        """Staged posts that no later stage dropped."""
        drops = DroppedPost.objects.filter(
            snapshot=OuterRef("snapshot"), post_id=OuterRef("post_id")
        )
        return self.exclude(Exists(drops))

    def in_threads(self, first: int, last: int) -> "StagedPostQuerySet":
        """Staged posts of a range of threads.

        The root of a thread has the thread's id; an index of its own finds the replies.
        """
        is_first, threads = Q(thread_id=F("post_id")), (first, last)
        return self.filter(
            Q(is_first, post_id__range=threads) | Q(~is_first, thread_id__range=threads)
        )


class StagedPost(models.Model):
    """A post that passed the steps, kept until the shards are written, then erased."""

    snapshot = models.ForeignKey(
        Snapshot, models.CASCADE, related_name="staged_posts", db_index=False
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
    # Redactions, quality, safety and changed steps, as JSON for the write stage.
    details = models.BinaryField()
    # How many posts have the same text, including this one.
    duplicate_count = models.PositiveIntegerField(default=1, db_default=1)
    # The index of the post in its conversation, if any.
    message = models.PositiveSmallIntegerField(null=True)

    objects = StagedPostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "post_id"], name="staged_post_once")
        ]
        indexes = [
            models.Index(
                fields=["snapshot", "fingerprint", "post_id"], name="staged_post_duplicates"
            ),
            models.Index(
                fields=["snapshot", "thread_id"],
                name="staged_post_replies",
                condition=~Q(thread_id=F("post_id")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}"


class DroppedPost(models.Model):
    """Why an eligible post is not in a snapshot. It is kept for the author to see."""

    snapshot = models.ForeignKey(
        Snapshot, models.CASCADE, related_name="dropped_posts", db_index=False
    )
    post_id = models.BigIntegerField()
    step = models.CharField(max_length=30)
    reason = models.CharField(max_length=40)
    # The earlier post with the same text.
    duplicate_of = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "post_id"], name="dropped_post_once")
        ]
        indexes = [models.Index(fields=["post_id"], name="dropped_post_by_post")]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.reason}"


class IntermediatePartition(models.Model):
    """Numbers passed from the tasks of one stage to those of a later one; erased after the build.

    `part` is the index of the receiving task, `source` that of the sending one. Holds no text.
    """

    class Kind(models.TextChoices):
        BANDS = "bands"
        PAIRS = "pairs"

    snapshot = models.ForeignKey(
        Snapshot, models.CASCADE, related_name="partitions", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    part = models.PositiveIntegerField()
    source = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "kind", "part", "source"], name="partition_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.part} from {self.source}"
