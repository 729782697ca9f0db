"""Mentions and hashtags of a post."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from posts.models.post import Post
from posts.text.entities import TAG_LENGTH


class Mention(models.Model):
    """A post addresses a user by name or reply; limited posts are readable by mentioned users."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "user"], name="mention_once")]
        indexes = [models.Index(fields=["user", "-post"], name="mention_newest")]

    def __str__(self) -> str:
        return f"{self.post_id} mentions {self.user_id}"


class Hashtag(models.Model):
    """A hashtag; `name` is casefolded without the sign, `label` as first written."""

    name = models.CharField(max_length=TAG_LENGTH, unique=True)
    label = models.CharField(max_length=TAG_LENGTH)

    def __str__(self) -> str:
        return self.label


class PostHashtag(models.Model):
    post = models.ForeignKey(Post, models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Hashtag, models.CASCADE, related_name="taggings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "tag"], name="tagging_once")]
        indexes = [models.Index(fields=["tag", "-post"], name="tagging_newest")]

    def __str__(self) -> str:
        return f"{self.post_id} has {self.tag_id}"


class HashtagFollow(models.Model):
    """Puts public posts with a hashtag into a user's home timeline."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tag_follows")
    tag = models.ForeignKey(Hashtag, models.CASCADE, related_name="followers")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tag"], name="tag_follow_once")]
        indexes = [models.Index(fields=["user", "-id"], name="tag_follow_newest")]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.tag_id}"
