from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from common.images.models import ImageAsset, PictureQuerySet
from posts.models.post import Post

MAX_MEDIA_PER_POST = 4
ALT_LENGTH = 1500
# Uploads that were never published.
ORPHAN_AFTER = timedelta(hours=24)
FOCUS_STEPS = 10


class MediaQuerySet(PictureQuerySet):
    def unused_by(self, owner_id: int) -> "MediaQuerySet":
        """A user's unpublished uploads."""
        return self.filter(owner=owner_id, post__isnull=True)

    def usable_in(self, post: Post) -> "MediaQuerySet":
        """A post's images in order, without failed ones."""
        return self.filter(post=post).exclude(state=ImageAsset.State.FAILED).order_by("position")

    def orphans(self) -> "MediaQuerySet":
        return self.filter(post__isnull=True, created_at__lt=timezone.now() - ORPHAN_AFTER)


class Media(ImageAsset):
    """An image of a post, or an upload for a future one."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="media")
    post = models.ForeignKey(Post, models.CASCADE, null=True, blank=True, related_name="media")
    position = models.PositiveSmallIntegerField(default=0)
    alt = models.CharField(max_length=ALT_LENGTH, blank=True)
    # Focal point for cropping: from -1 (left, top) to 1 (right, bottom).
    focus_x = models.FloatField(default=0)
    focus_y = models.FloatField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = MediaQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="media_waiting", condition=Q(state="waiting")),
            models.Index(
                fields=["created_at"], name="media_unused", condition=Q(post__isnull=True)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "position"], name="media_in_order", condition=Q(post__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(position__lt=MAX_MEDIA_PER_POST), name="media_position_known"
            ),
            models.CheckConstraint(
                condition=Q(focus_x__range=(-1, 1), focus_y__range=(-1, 1)),
                name="media_focus_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} of {self.owner_id}"

    @property
    def focus_column(self) -> int:
        """The CSS class of the focal point: 0 is left, 10 is right."""
        return round((self.focus_x + 1) / 2 * FOCUS_STEPS)

    @property
    def focus_row(self) -> int:
        return round((self.focus_y + 1) / 2 * FOCUS_STEPS)
