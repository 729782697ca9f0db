import secrets
from datetime import timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

MAX_PROCESSING_ATTEMPTS = 3
# Whoever has taken a picture and is silent for so long was killed.
CLAIM_TIMEOUT = timedelta(minutes=5)


def new_storage_key() -> str:
    """Return a name that nobody can guess: knowing it is the right to see what is in it."""
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
        """Those that nobody works on."""
        return self.waiting().filter(
            Q(claimed_at__isnull=True) | Q(claimed_at__lt=timezone.now() - CLAIM_TIMEOUT)
        )

    def claim(self, pk: int) -> Any:
        """Take a waiting one, so that nobody else does; None where it is not to be had."""
        taken = (
            self.due().filter(pk=pk).update(claimed_at=timezone.now(), attempts=F("attempts") + 1)
        )
        return self.filter(pk=pk).order_by("pk").first() if taken else None


class ImageAsset(models.Model):
    """What is known of a picture's files, for models that have one; `common.images.services` develops it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        FAILED = "failed"

    class Kind(models.TextChoices):
        IMAGE = "image"
        ANIMATED = "animated"

    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    # Why it failed, in words for the person who sent it.
    reason = models.CharField(max_length=200, blank=True)
    # Where the file lies as it was sent, until it is developed.
    source = models.CharField(max_length=60, blank=True)
    folder = models.CharField(max_length=60, default=new_storage_key, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.IMAGE)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    # Of the files, each named for its width; the last is the picture in full.
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
        """The address of the picture in full."""
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
