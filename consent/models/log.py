from django.db import models


class LogKey(models.Model):
    """A public key that this site signs or signed with; old ones stay, so that old receipts verify."""

    name = models.CharField(max_length=200)
    public_key = models.BinaryField(max_length=32, unique=True)
    first_used_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Checkpoint(models.Model):
    """The log's signed size and root at a moment (C2SP tlog-checkpoint). Each one ever signed is kept."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    key = models.ForeignKey(LogKey, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"


class LogNode(models.Model):
    """The root of 256 ** level leaves beginning at index * 256 ** level; level 0 is the ledger itself."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="log_node_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"
