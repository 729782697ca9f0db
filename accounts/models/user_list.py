from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.user import User

_TITLE_LENGTH = 60


class UserList(models.Model):
    """A timeline of chosen users. Only its owner can see it."""

    class Replies(models.TextChoices):
        """Which replies by members the list's timeline shows."""

        FOLLOWED = "followed", "To people I follow"
        LIST = "list", "To people in the list"
        NONE = "none", "None"

    owner = models.ForeignKey(User, models.CASCADE, related_name="people_lists")
    title = models.CharField(max_length=_TITLE_LENGTH)
    replies = models.CharField(
        max_length=10, choices=Replies, default=Replies.LIST, db_default=Replies.LIST
    )
    # Whether the owner's home timeline hides posts by members.
    is_exclusive = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["owner", "-id"], name="people_list_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(replies__in=["followed", "list", "none"]), name="list_replies_known"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="list_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title


class ListMember(models.Model):
    list = models.ForeignKey(UserList, models.CASCADE, related_name="members")
    member = models.ForeignKey(User, models.CASCADE, related_name="list_memberships")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["list", "-id"], name="list_member_newest")]
        constraints = [models.UniqueConstraint(fields=["list", "member"], name="list_member_once")]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.list_id}"
