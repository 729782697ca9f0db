import secrets
from datetime import timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

MAX_PROCESSING_ATTEMPTS = 3
# A claim this old belongs to a killed worker.
CLAIM_TIMEOUT = timedelta(minutes=5)


def new_storage_key() -> str:
    """Return an unguessable name: knowing it grants access to the file."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token}"


def new_upload_key() -> str:
    return f"incoming/{secrets.token_hex(16)}"


class PictureQuerySet(models.QuerySet[Any]):
    def waiting(self) -> "PictureQuerySet":
        return self.filter(state=ImageAsset.State.WAITING)

    def ready(self) -> "PictureQuerySet":
        return self.filter(state=ImageAsset.State.READY)

    def due(self) -> "PictureQuerySet":
        """Images that no worker has claimed."""
        return self.waiting().filter(
            Q(claimed_at__isnull=True) | Q(claimed_at__lt=timezone.now() - CLAIM_TIMEOUT)
        )

    def claim(self, pk: int) -> Any:
        """Claim a pending image for this worker; None if it is not available."""
        taken = (
            self.due().filter(pk=pk).update(claimed_at=timezone.now(), attempts=F("attempts") + 1)
        )
        return self.filter(pk=pk).order_by("pk").first() if taken else None


class ImageAsset(models.Model):
    """Columns of an image and its files, for models that have one; processed by
    `common.images.services`.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        FAILED = "failed"

    class Kind(models.TextChoices):
        IMAGE = "image"
        ANIMATED = "animated"

    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    # Why processing failed, for the user.
    reason = models.CharField(max_length=200, blank=True)
    # Storage key of the upload until it is processed.
    source = models.CharField(max_length=60, blank=True)
    folder = models.CharField(max_length=60, default=new_storage_key, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.IMAGE)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    # Widths of the files, ascending; the last is the full size.
    widths = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    # A few pixels as a data URL.
    placeholder = models.CharField(max_length=400, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)

    objects = PictureQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def is_failed(self) -> bool:
        return self.state == self.State.FAILED

    @property
    def is_animated(self) -> bool:
        return self.kind == self.Kind.ANIMATED

    @property
    def url(self) -> str:
        """The URL of the full-size file."""
        return self.url_at(self.widths[-1])

    @property
    def small_url(self) -> str:
        return self.url_at(self.widths[min(1, len(self.widths) - 1)])

    @property
    def poster_url(self) -> str:
        return default_storage.url(f"{self.folder}/still.webp")

    @property
    def srcset(self) -> str:
        return ", ".join(f"{self.url_at(width)} {width}w" for width in self.widths)

    def url_at(self, width: int) -> str:
        return default_storage.url(f"{self.folder}/{width}.webp")
