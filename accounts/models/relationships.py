"""Relationships between two users."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models.user import User


class Follow(models.Model):
    follower = models.ForeignKey(User, models.CASCADE, related_name="follows")
    followed = models.ForeignKey(User, models.CASCADE, related_name="followed_by")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="follow_once"),
            models.CheckConstraint(
                condition=~Q(follower=F("followed")), name="follow_somebody_else"
            ),
        ]
        indexes = [
            models.Index(fields=["followed", "-id"], name="follow_newest_followers"),
            models.Index(fields=["follower", "-id"], name="follow_newest_followed"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} follows {self.followed_id}"


class FollowRequest(models.Model):
    """A request to follow a user who approves followers."""

    follower = models.ForeignKey(User, models.CASCADE, related_name="follow_requests")
    followed = models.ForeignKey(User, models.CASCADE, related_name="follow_requests_received")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="follow_request_once"),
            models.CheckConstraint(
                condition=~Q(follower=F("followed")), name="follow_request_to_another"
            ),
        ]
        indexes = [models.Index(fields=["followed", "-id"], name="follow_request_newest")]

    def __str__(self) -> str:
        return f"{self.follower_id} asks to follow {self.followed_id}"


class Block(models.Model):
    """Hides two users from each other in both directions."""

    blocker = models.ForeignKey(User, models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_somebody_else"),
        ]
        indexes = [models.Index(fields=["blocker", "-id"], name="block_newest")]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"


class MuteQuerySet(models.QuerySet["Mute"]):
    def in_force(self) -> "MuteQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gt=Now()))


class Mute(models.Model):
    """Hides a user's posts from the muter's timelines, permanently or until a time. The muted user
    is not told.
    """

    muter = models.ForeignKey(User, models.CASCADE, related_name="mutes")
    muted = models.ForeignKey(User, models.CASCADE, related_name="muted_by")
    hides_notifications = models.BooleanField(default=True)
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = MuteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["muter", "muted"], name="mute_once"),
            models.CheckConstraint(condition=~Q(muter=F("muted")), name="mute_somebody_else"),
        ]
        indexes = [models.Index(fields=["muter", "-id"], name="mute_newest")]

    def __str__(self) -> str:
        return f"{self.muter_id} mutes {self.muted_id}"
