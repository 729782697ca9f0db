from django.db import models

from dataset_export.models.snapshot import Snapshot

PART_BYTES = 1024 * 1024


class Shard(models.Model):
    """One file of a snapshot; its bytes are in parts of a mebibyte each."""

    class Format(models.TextChoices):
        PARQUET = "parquet"
        JSON_LINES = "jsonl"

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="shards")
    split = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    format = models.CharField(max_length=10, choices=Format)
    path = models.CharField(max_length=120)
    rows = models.PositiveIntegerField()
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "split", "number", "format"], name="shard_number"),
        ]

    def __str__(self) -> str:
        return self.path


class ShardPart(models.Model):
    shard = models.ForeignKey(Shard, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shard", "number"], name="shard_part_number")]

    def __str__(self) -> str:
        return f"part {self.number}"


class Record(models.Model):
    """Where a row comes from: its post, its author, and the decision in the ledger that it rests on."""

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="records", db_index=False)
    split = models.CharField(max_length=20)
    shard_number = models.PositiveIntegerField()
    row = models.PositiveIntegerField()
    post_id = models.BigIntegerField()
    subject = models.UUIDField()
    consent_position = models.BigIntegerField()
    salt = models.BinaryField(max_length=32)
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "post_id"], name="record_of_post_once"),
            models.UniqueConstraint(fields=["snapshot", "split", "shard_number", "row"], name="record_row_once"),
        ]
        indexes = [
            models.Index(fields=["post_id"], name="record_of_post"),
            models.Index(fields=["subject"], name="record_of_subject"),
        ]

    def __str__(self) -> str:
        return f"row {self.row} of shard {self.shard_number}"
