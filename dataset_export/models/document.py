from django.db import models

from dataset_export.models.snapshot import Snapshot


class Document(models.Model):
    """A file of a published revision besides its shards: card, metadata, manifest, removals.

    Immutable, and without the text of any post, so documents of earlier revisions stay, too.
    """

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="documents", db_index=False)
    # Revision.number
    revision = models.PositiveIntegerField(default=0, db_default=0)
    path = models.CharField(max_length=120)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "revision", "path"], name="document_path_once"
            )
        ]

    def __str__(self) -> str:
        return self.path
