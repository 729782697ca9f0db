"""Notifications, read markers and muted kinds."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Block, Mute, User
from common.snowflake import NextSnowflakeId
from posts.filtering import hidden_by_filter
from posts.models import Draft, KeywordFilter, Post


class StaffMessage(models.Model):
    """A message from the moderators to one user."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff_messages"
    )
    text = models.TextField(max_length=2000)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.pk} to {self.recipient_id}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def shown_to(self, viewer: User) -> "NotificationQuerySet":
        """Notifications that `viewer` may see now: blocks, mutes, settings and visibility may have
        changed.
        """
        readable = Post.objects.filter(pk=OuterRef("post")).readable_by(viewer)
        return self.wanted_by(viewer).filter(
            Q(kind__in=OWN_POST_KINDS) | Q(post__isnull=True) | Exists(readable)
        )

    def wanted_by(self, viewer: User) -> "NotificationQuerySet":
        """As `shown_to`, but without checking that posts are still readable."""
        refused = MutedNotificationKind.objects.filter(user=viewer)
        muted = Mute.objects.in_force().filter(muter=viewer, hides_notifications=True)
        # Sets rather than a subquery per row: PostgreSQL plans them much faster.
        return (
            self.filter(recipient=viewer)
            .exclude(kind__in=refused.values("kind"))
            .exclude(actor__is_active=False)
            .exclude(actor__suspended_at__isnull=False)
            .exclude(actor__in=Block.objects.filter(blocker=viewer).values("blocked"))
            .exclude(actor__in=Block.objects.filter(blocked=viewer).values("blocker"))
            .exclude(actor__in=muted.values("muted"))
            .exclude(
                hidden_by_filter(viewer, KeywordFilter.Place.NOTIFICATIONS, "post"),
                kind__in=TEXT_KINDS,
            )
        )


class Notification(models.Model):
    """Someone did something that concerns the recipient. Triggers delete it with its cause."""

    class Kind(models.TextChoices):
        MENTION = "mention", "Someone mentions you"
        REPLY = "reply", "Someone replies to you"
        QUOTE = "quote", "Someone quotes you"
        REPOST = "repost", "Someone reposts your post"
        LIKE = "like", "Someone likes your post"
        FOLLOW = "follow", "Someone follows you"
        FOLLOW_REQUEST = "follow_request", "Someone asks to follow you"
        POLL = "poll", "A poll you created or voted in ends"
        EDIT = "edit", "A post you reposted or quoted is edited"
        DRAFT = "draft", "A scheduled post wasn’t published"
        STAFF = "staff", "The moderators write to you"

    id = models.BigIntegerField(primary_key=True, db_default=NextSnowflakeId(), editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", db_index=False
    )
    kind = models.CharField(max_length=16, choices=Kind)
    # Null if the moderators or the site itself are the actor.
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    # The post concerned, by the recipient or addressed to them.
    post = models.ForeignKey(Post, models.CASCADE, null=True, related_name="+", db_index=False)
    message = models.ForeignKey(
        StaffMessage, models.CASCADE, null=True, related_name="+", db_index=False
    )

    # The scheduled post that failed, while it is unresolved.
    draft = models.ForeignKey(Draft, models.CASCADE, null=True, related_name="+", db_index=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "post", "actor", "message", "draft"],
                name="notify_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notification_newest"),
            models.Index(
                fields=["post", "kind", "actor"],
                name="notification_of_post",
                condition=Q(post__isnull=False),
            ),
            models.Index(
                fields=["message"],
                name="notification_of_message",
                condition=Q(message__isnull=False),
            ),
            models.Index(
                fields=["draft"], name="notification_of_draft", condition=Q(draft__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"


# Kinds that only concern the recipient's own posts.
OWN_POST_KINDS = [Notification.Kind.LIKE, Notification.Kind.REPOST]
# Kinds that show text by others.
TEXT_KINDS = [
    Notification.Kind.MENTION,
    Notification.Kind.REPLY,
    Notification.Kind.QUOTE,
    Notification.Kind.EDIT,
]


class NotificationReadMarker(models.Model):
    """How far a user has read, on any device; it only advances."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="notification_marker",
    )
    last_read_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id} read up to {self.last_read_id}"


class MutedNotificationKind(models.Model):
    """A notification kind that a user turned off."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="refused_kinds", db_index=False
    )
    kind = models.CharField(max_length=16, choices=Notification.Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="refuse_kind_once")]

    def __str__(self) -> str:
        return f"{self.user_id} wants no {self.kind}"
