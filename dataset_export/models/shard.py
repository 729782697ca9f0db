from django.db import models
from django.db.models import Q

from dataset_export.models.snapshot import Snapshot
from dataset_export.pipeline.recipe import POSTS

PART_BYTES = 1024 * 1024


class Shard(models.Model):
    """A file of a snapshot. Its bytes are stored in chunks of one mebibyte."""

    class Format(models.TextChoices):
        PARQUET = "parquet"
        JSON_LINES = "jsonl"
        # Salts and hashes that prove the rows against the Merkle root.
        PROOF = "proof"

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="shards")
    configuration = models.CharField(max_length=20, default=POSTS)
    split = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    format = models.CharField(max_length=10, choices=Format)
    path = models.CharField(max_length=120)
    rows = models.PositiveIntegerField()
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    # The revision since which the file has these bytes.
    revision = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "configuration", "split", "number", "format"],
                name="shard_number",
            ),
        ]

    def __str__(self) -> str:
        return self.path


class ShardChunk(models.Model):
    shard = models.ForeignKey(Shard, models.CASCADE, related_name="chunks", db_index=False)
    # The file consists of the chunks with the shard's own revision; those of the next
    # revision may exist beside them.
    revision = models.PositiveIntegerField(default=0, db_default=0)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shard", "revision", "number"], name="shard_chunk_number"
            )
        ]

    def __str__(self) -> str:
        return f"part {self.number}"


class RowProvenance(models.Model):
    """Where a row comes from: its post, its author and the consent decision it rests on.

    A conversation has one record per message; the first holds salt and leaf hash.
    """

    snapshot = models.ForeignKey(
        Snapshot, models.CASCADE, related_name="provenance", db_index=False
    )
    configuration = models.CharField(max_length=20, default=POSTS)
    split = models.CharField(max_length=20)
    shard_number = models.PositiveIntegerField()
    row = models.PositiveIntegerField()
    message = models.PositiveSmallIntegerField(default=0)
    post_id = models.BigIntegerField()
    subject = models.UUIDField()
    consent_position = models.BigIntegerField()
    # The steps that changed the text, separated by commas.
    changed = models.CharField(max_length=120, blank=True)
    salt = models.BinaryField(max_length=32, null=True)
    leaf_hash = models.BinaryField(max_length=32, null=True)
    # The first revision without the row.
    removed_in = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "configuration", "post_id"], name="record_of_post_once"
            ),
            models.UniqueConstraint(
                fields=["snapshot", "configuration", "split", "shard_number", "row", "message"],
                name="record_row_once",
            ),
            models.CheckConstraint(
                condition=Q(leaf_hash__isnull=False) | Q(message__gt=0),
                name="record_of_row_has_leaf",
            ),
            models.CheckConstraint(
                condition=Q(removed_in__isnull=True) | Q(salt__isnull=True),
                name="record_removed_has_no_salt",
            ),
        ]
        indexes = [
            models.Index(fields=["post_id"], name="record_of_post"),
            models.Index(fields=["subject"], name="record_of_subject"),
        ]

    def __str__(self) -> str:
        return f"row {self.row} of shard {self.shard_number}"
