from django.db import models
from django.db.models.functions import Now

from common.snowflake import NextSnowflakeId


class Deployment(models.Model):
    """One row that marks a production database, so that every process protects it."""

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
    """An outbox event: inserted with the change it reports, deleted once it is handled.

    It refers to rows by id only, because this app knows nothing of the others; missing rows need no
    handling.
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
    # Actor, post and target of the event; or the draft it is about.
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
    """A file or folder in storage that nothing refers to.

    Inserted by a trigger in the transaction that deletes the row; a worker deletes the file.
    """

    name = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.name


class OutgoingMail(models.Model):
    """A mail waiting to be sent; inserted with its cause, deleted once handed over.

    It may contain an account's key, so none is kept for long.
    """

    id = models.BigAutoField(primary_key=True)
    # The message as `common.mail` serializes it; its Message-ID never changes.
    message = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(db_default=Now(), db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"mail {self.pk}"
