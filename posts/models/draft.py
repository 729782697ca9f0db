from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from posts.models.post import Post


class Draft(models.Model):
    """A saved draft or a scheduled post."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    # The publish key of its composer: saving again updates the same row.
    key = models.UUIDField()
    # The composer's fields as typed.
    fields = models.JSONField(default=dict)
    reply_to = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+")
    quote_of = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)
    publish_at = models.DateTimeField(null=True)
    # What will be published (`services.publishing.PostInput`), and the notices of its training
    # consent.
    posts = models.JSONField(default=list)
    notices = models.JSONField(default=dict)
    # Why it was not published when due.
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "key"], name="draft_kept_once")]
        indexes = [
            models.Index(fields=["author", "-id"], name="draft_newest"),
            models.Index(
                fields=["publish_at"],
                name="draft_due",
                condition=Q(publish_at__isnull=False, failure=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def excerpt(self) -> str:
        """The text of the first post that has some."""
        texts = (str(value).strip() for name, value in self.fields.items() if name.endswith("text"))
        return next(filter(None, texts), "")

    @property
    def parts(self) -> int:
        """The number of non-empty posts."""
        filled = {name for name, value in self.fields.items() if str(value).strip()}
        return len(
            {
                name.removesuffix(end)
                for name in filled
                for end in ("text", "media")
                if name.endswith(end)
            }
        )

    @property
    def is_scheduled(self) -> bool:
        return self.publish_at is not None
