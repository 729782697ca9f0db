from django.db import models
from django.db.models.functions import Now

from common.snowflake import NextSnowflakeId


class Deployment(models.Model):
    """One row that says what this database is for, so that it stays protected whatever process reaches it."""

    class Environment(models.TextChoices):
        DEVELOPMENT = "development"
        PRODUCTION = "production"

    environment = models.CharField(max_length=12, choices=Environment)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="deployment_is_one_row"),
        ]

    def __str__(self) -> str:
        return self.environment


class OutboxEvent(models.Model):
    """Something happened that a part above has yet to act on; written with it, gone once that is done.

    It names rows by number only, as this part knows nothing of the others; what is gone meanwhile needs no act.
    """

    class Topic(models.TextChoices):
        PUBLISHED = "published"
        EDITED = "edited"
        LIKED = "liked"
        FOLLOWED = "followed"
        FOLLOW_REQUESTED = "follow_requested"
        POLL_ENDED = "poll_ended"
        NOT_PUBLISHED = "not_published"

    id = models.BigIntegerField(primary_key=True, db_default=NextSnowflakeId(), editable=False)
    topic = models.CharField(max_length=20, choices=Topic)
    # Who did it, about which post, and to whom; or, about what somebody wrote for later, which draft.
    actor_id = models.BigIntegerField()
    post_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    draft_id = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["actor_id", "-post_id"],
                name="news_published",
                condition=models.Q(topic="published"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.topic} {self.post_id or self.person_id}"


class PendingFileDeletion(models.Model):
    """A file of the storage, or a folder of them, that nothing refers to any more.

    Written in the transaction in which that came to be, by a trigger where a row goes; a worker removes the file.
    """

    name = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.name


class OutgoingMail(models.Model):
    """A mail that waits for the mail server; written with what it tells of, and deleted when it was handed over.

    It may hold the key to an account, so that none is kept for long.
    """

    id = models.BigAutoField(primary_key=True)
    # What `common.mail.to_json` made of the message; its Message-ID stays the same however often it is sent.
    message = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(db_default=Now(), db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"mail {self.pk}"
