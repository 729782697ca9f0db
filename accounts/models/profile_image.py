from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from common.images.models import ImageAsset


class ProfileImage(ImageAsset):
    """An avatar or header image. Once it is ready, the user's row names its folder."""

    class Place(models.TextChoices):
        AVATAR = "avatar"
        HEADER = "header"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="portraits")
    place = models.CharField(max_length=10, choices=Place)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["user", "place"], name="portrait_of_user"),
            models.Index(fields=["id"], name="portrait_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.place} of {self.user_id}"
