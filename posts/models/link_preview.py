from django.db import models
from django.db.models import Q
from django.utils import timezone

from common.images.models import CLAIM_TIMEOUT, ImageAsset, PictureQuerySet

MAX_URL_LENGTH = 2000


class LinkPreviewQuerySet(PictureQuerySet):
    def being_fetched(self) -> "LinkPreviewQuerySet":
        """Those that a worker has taken and not been silent about for too long."""
        return self.filter(
            state=ImageAsset.State.WAITING, claimed_at__gte=timezone.now() - CLAIM_TIMEOUT
        )


class LinkPreview(ImageAsset):
    """What a page says about itself, for the card under the posts that link to it.

    Waiting: to be fetched, for the first time or again; what it said before is shown meanwhile. It has a picture where
    `widths` are not empty.
    """

    url = models.CharField(max_length=MAX_URL_LENGTH, unique=True)
    title = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=400, blank=True)
    site_name = models.CharField(max_length=100, blank=True)
    author_name = models.CharField(max_length=100, blank=True)
    image_alt = models.CharField(max_length=400, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)

    objects = LinkPreviewQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="link_preview_waiting", condition=Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def host(self) -> str:
        return self.url.partition("://")[2].partition("/")[0].removeprefix("www.")
