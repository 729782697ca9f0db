from django.db import models


class LogKey(models.Model):
    """A current or former public signing key; old ones verify old receipts."""

    name = models.CharField(max_length=200)
    public_key = models.BinaryField(max_length=32)
    first_used_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "public_key"], name="log_key_once")]

    def __str__(self) -> str:
        return self.name


class Checkpoint(models.Model):
    """The signed size and root of the log (C2SP tlog-checkpoint). Every one ever signed is kept."""

    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    key = models.ForeignKey(LogKey, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        # A new key signs again the last size that the old one signed.
        constraints = [
            models.UniqueConstraint(fields=["size", "key"], name="checkpoint_once_a_key")
        ]

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"


class LogNode(models.Model):
    """The root of 256 ** level leaves from index * 256 ** level; level 0 is the ledger itself."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="log_node_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"
