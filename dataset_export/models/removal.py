"""What happens to a snapshot after its build: exclusions, removals, revisions and erasure."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from dataset_export.models.shard import Shard
from dataset_export.models.snapshot import Snapshot
from dataset_export.pipeline.recipe import POSTS

COMMIT_DIGITS = 40


class Revision(models.Model):
    """A signed state of a snapshot: number 0 as built, then one per erasure."""

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    # The first 40 hex digits of the manifest's SHA-256, by which clients pin it.
    commit = models.CharField(max_length=COMMIT_DIGITS, db_index=True)
    manifest_json = models.BinaryField()
    signature = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    # Rows removed by this revision, without those of earlier ones.
    removed_rows = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "number"], name="revision_number")
        ]

    def __str__(self) -> str:
        return f"v{self.snapshot.version}.{self.number}"


class RemovalQuerySet(models.QuerySet["Removal"]):
    def signed(self, number: int | None = None) -> "RemovalQuerySet":
        """Rows missing from the current revision of their snapshot, or from the given one."""
        if number is None:
            return self.filter(revision__isnull=False, returned_in__isnull=True)
        there_again = Q(returned_in__isnull=True) | Q(returned_in__gt=number)
        return self.filter(there_again, revision__lte=number)


class Removal(models.Model):
    """A row removed from a snapshot's files, and why.

    Without a revision, its shard is rewritten but the revision isn't signed yet.
    """

    class Reason(models.TextChoices):
        CONSENT_WITHDRAWN = "consent_withdrawn", "Consent withdrawn"
        POST_DELETED = "post_deleted", "Post deleted"
        POST_NOT_PUBLIC = "post_not_public", "Post no longer public"
        POST_NOT_HUMAN = "post_not_human", "Post marked as machine-made"
        ACCOUNT_CLOSED = "account_closed", "Account closed"
        SUSPENDED = "suspended", "Account suspended, may come back"
        # Before suspensions could be lifted, they were erased at once with this reason.
        MODERATION = "moderation", "Moderation"
        EXCLUSION = "exclusion", "Excluded by a reviewer"

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="removals", db_index=False)
    configuration = models.CharField(max_length=20, default=POSTS)
    split = models.CharField(max_length=20)
    shard_number = models.PositiveIntegerField()
    row = models.PositiveIntegerField()
    # The value of the column `id`.
    row_id = models.CharField(max_length=32)
    leaf_hash = models.BinaryField(max_length=32)
    reason = models.CharField(max_length=20, choices=Reason)
    at = models.DateTimeField(default=timezone.now)
    # The first revision without the row.
    revision = models.PositiveIntegerField(null=True)
    # The first revision with the row again, after the removal was reversed in time.
    returned_in = models.PositiveIntegerField(null=True)

    objects = RemovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "configuration", "split", "shard_number", "row"],
                name="removal_of_row_once",
                condition=Q(returned_in__isnull=True),
            ),
        ]
        # The feed pages through the rows of a revision.
        indexes = [models.Index(fields=["snapshot", "revision", "id"], name="removal_of_revision")]

    def __str__(self) -> str:
        return f"{self.row_id}: {self.reason}"


class HeldRow(models.Model):
    """A removed row kept apart, as its removal may still be reversed.

    It is never served; it returns to the files or is erased.
    """

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="held_rows", db_index=False)
    configuration = models.CharField(max_length=20, default=POSTS)
    split = models.CharField(max_length=20)
    shard_number = models.PositiveIntegerField()
    row = models.PositiveIntegerField()
    # The row's JSON line and its salt.
    line = models.BinaryField()
    salt = models.BinaryField(max_length=32)
    held_at = models.DateTimeField(default=timezone.now)
    # The upcoming revision for which its shard was rewritten with the row.
    returns_in = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "configuration", "split", "shard_number", "row"],
                name="held_row_once",
            ),
        ]

    def __str__(self) -> str:
        return f"row {self.row} of shard {self.shard_number}"


class ShardRewrite(models.Model):
    """New metadata of a rewritten shard, stored beside the old until the revision is signed."""

    shard = models.OneToOneField(Shard, models.CASCADE, related_name="rewrite")
    revision = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    # Statistics of the remaining rows, for shards that count for the manifest.
    summary = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.shard_id} for revision {self.revision}"


class Exclusion(models.Model):
    """A post, or all posts of an author, that reviewers exclude from a dataset's versions."""

    # Snapshot.name
    name = models.CharField(max_length=60, db_index=True)
    post_id = models.BigIntegerField(null=True)
    subject = models.UUIDField(null=True)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(post_id__isnull=True, subject__isnull=False)
                | Q(post_id__isnull=False, subject__isnull=True),
                name="exclusion_of_post_or_person",
            ),
            models.UniqueConstraint(fields=["name", "post_id"], name="exclusion_of_post_once"),
            models.UniqueConstraint(fields=["name", "subject"], name="exclusion_of_person_once"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id or self.subject} not in {self.name}"


class VacuumRequest(models.Model):
    """A record that tables hold dead rows whose bytes are on disk until `done_at`."""

    class Tables(models.TextChoices):
        STAGING = "staging"
        FILES = "files"

    tables = models.CharField(max_length=10, choices=Tables)
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    # False if a table was too large to rewrite: freed pages keep old bytes until overwritten.
    whole = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, whole__isnull=True)
                | Q(done_at__isnull=False, whole__isnull=False),
                name="vacuum_done_says_how",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(done_at__gte=F("asked_at")),
                name="vacuum_done_after_asked",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_at"], name="vacuum_open", condition=Q(done_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.tables}, asked {self.asked_at}"
