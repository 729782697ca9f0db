from django.db import models
from django.db.models import Q
from django.utils import timezone

from common.images.models import CLAIM_TIMEOUT, ImageAsset, PictureQuerySet

MAX_URL_LENGTH = 2000


class LinkPreviewQuerySet(PictureQuerySet):
    def being_fetched(self) -> "LinkPreviewQuerySet":
        """Previews that a live worker has claimed."""
        return self.filter(
            state=ImageAsset.State.WAITING, claimed_at__gte=timezone.now() - CLAIM_TIMEOUT
        )


class LinkPreview(ImageAsset):
    """A web page's metadata, for the card under posts that link to it.

    Pending means to be fetched or refreshed; the previous content is shown meanwhile. It has an
    image if `widths` are not empty.
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
