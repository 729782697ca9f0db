import hashlib
import json
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from posts.models.post import Post

MIN_OPTIONS, MAX_OPTIONS, OPTION_LENGTH = 2, 4, 50


class Poll(models.Model):
    """A poll with some options, until it ends."""

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="+")
    options = ArrayField(models.CharField(max_length=OPTION_LENGTH))
    # Votes by option, and the number of voters. Triggers maintain them, as for posts.
    counts = ArrayField(models.PositiveIntegerField())
    voter_count = models.PositiveIntegerField(default=0, db_default=0)
    is_multiple = models.BooleanField(default=False)
    # Whether results are hidden until one has voted or the poll has ended.
    hides_results = models.BooleanField(default=False)
    ends_at = models.DateTimeField()
    # When the author and the voters were notified of the end.
    notified_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(options__len__gte=MIN_OPTIONS, options__len__lte=MAX_OPTIONS),
                name="poll_has_options",
            ),
            models.CheckConstraint(
                condition=Q(counts__len=F("options__len")), name="poll_counts_each_option"
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], name="poll_to_tell", condition=Q(notified_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.post_id}"

    @property
    def has_ended(self) -> bool:
        return self.ends_at <= timezone.now()

    def version(self, edited_at: datetime | None) -> str:
        """Return a token for everything a voter reads, given the post's last edit; it changes with
        any edit.

        A vote names it, so that it never counts for an option that was elsewhere on the page.
        """
        read = [
            self.options,
            self.is_multiple,
            self.hides_results,
            edited_at.isoformat() if edited_at else "",
        ]
        return hashlib.sha256(json.dumps(read).encode()).hexdigest()[:16]


class PollVote(models.Model):
    """A user's final vote, by option index."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="poll_votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="poll_votes")
    choices = ArrayField(models.PositiveSmallIntegerField())
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["poll", "user"], name="vote_once"),
            models.CheckConstraint(
                condition=Q(choices__len__gte=1, choices__len__lte=MAX_OPTIONS),
                name="vote_has_choices",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.poll_id}"
