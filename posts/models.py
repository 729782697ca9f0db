from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, GeneratedField, OuterRef, Q, Value
from django.utils import timezone

from accounts.models import Follow
from common.ids import NextId, TimeOfId

if TYPE_CHECKING:
    from accounts.selectors import Viewer
    from posts.training import Mark


class PostQuerySet(models.QuerySet["Post"]):
    def public(self) -> "PostQuerySet":
        """Posts that are for everyone, by people whose account is in use."""
        return self.by_active_authors().filter(visibility=Post.Visibility.PUBLIC)

    def by_active_authors(self) -> "PostQuerySet":
        return self.filter(author__is_active=True, author__suspended_at__isnull=True)

    def visible_to(self, viewer: "Viewer") -> "PostQuerySet":
        """Posts that `viewer` may read."""
        posts = self.by_active_authors()
        open_to_all = Q(visibility__in=[Post.Visibility.PUBLIC, Post.Visibility.UNLISTED])
        if viewer.is_anonymous:
            return posts.filter(open_to_all)
        follows = Follow.objects.filter(follower=viewer, followed=OuterRef("author"))
        to_followers = Q(visibility=Post.Visibility.FOLLOWERS) & Exists(follows)
        return posts.filter(open_to_all | to_followers | Q(author=viewer))

    def for_cards(self, viewer: "Viewer") -> "PostQuerySet":
        """Posts with all that a card shows, so that no card asks the database."""
        posts = self.select_related("author").annotate(parent_author=F("reply_to__author__username"))
        if viewer.is_anonymous:
            return posts.annotate(liked=Value(False))
        return posts.annotate(liked=Exists(Like.objects.filter(user=viewer, post=OuterRef("pk"))))


class Post(models.Model):
    class Visibility(models.TextChoices):
        PUBLIC = "public", "Public"
        UNLISTED = "unlisted", "Unlisted"
        FOLLOWERS = "followers", "Followers only"
        DIRECT = "direct", "Direct"

    class Authorship(models.TextChoices):
        HUMAN = "human", "Mine"
        ASSISTED = "assisted", "With AI help"
        AUTOMATED = "automated", "Automated"

    id = models.BigIntegerField(primary_key=True, db_default=NextId(), editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="posts")
    text = models.TextField()
    html = models.TextField(editable=False)
    language = models.CharField(max_length=16, blank=True)
    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.PUBLIC)
    authorship = models.CharField(max_length=10, choices=Authorship, default=Authorship.HUMAN)
    reply_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replies")
    # The post that began the conversation; null in that post itself. It outlives the post, so it is no foreign key.
    thread_id = models.BigIntegerField(null=True, blank=True)
    created_at = GeneratedField(expression=TimeOfId("id"), output_field=models.DateTimeField(), db_persist=True)
    imported_at = models.DateTimeField(null=True, blank=True)
    # One number for one click on "Post": a second click or a retry finds the first one's post.
    publish_key = models.UUIDField(null=True, blank=True)
    like_count = models.PositiveIntegerField(default=0, db_default=0)
    reply_count = models.PositiveIntegerField(default=0, db_default=0)

    objects = PostQuerySet.as_manager()

    # Set by views for the cards of the viewer's own posts.
    mark: ClassVar["Mark | None"] = None

    class Meta:
        indexes = [
            models.Index(fields=["author", "-id"], name="post_newest_of_author"),
            models.Index(fields=["reply_to", "-id"], name="post_newest_replies"),
            models.Index(
                fields=["-id"],
                name="post_newest_public",
                condition=Q(visibility="public", reply_to__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "publish_key"],
                name="post_published_once",
                condition=Q(publish_key__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(visibility__in=["public", "unlisted", "followers", "direct"]),
                name="post_visibility_known",
            ),
            models.CheckConstraint(
                condition=Q(authorship__in=["human", "assisted", "automated"]), name="post_authorship_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"

    def get_absolute_url(self) -> str:
        """Return the post's address; written out, as twenty cards ask for it (see urls.py for its pattern)."""
        return f"/@{self.author.username}/{self.pk}"

    @property
    def root_id(self) -> int:
        return self.thread_id or self.pk


class Like(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="likes")
    post = models.ForeignKey(Post, models.CASCADE, related_name="likes")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "post"], name="like_once")]

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.post_id}"


class Retraction(models.Model):
    """News for the data sets: a post that was public and human-written is so no longer.

    A trigger of the database writes it in the transaction of the change itself, whichever road the change took.
    """

    class Reason(models.TextChoices):
        DELETED = "deleted"
        NOT_PUBLIC = "not_public"
        NOT_HUMAN = "not_human"

    post_id = models.BigIntegerField(db_index=True)
    reason = models.CharField(max_length=12, choices=Reason)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.post_id}: {self.reason}"
