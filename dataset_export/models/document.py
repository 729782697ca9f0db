from django.db import models

from dataset_export.models.snapshot import Snapshot


class Document(models.Model):
    """A file of a snapshot that is no shard: card, description, manifest. Written at publication, never changed."""

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="documents", db_index=False)
    path = models.CharField(max_length=120)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "path"], name="document_path_once")]

    def __str__(self) -> str:
        return self.path
