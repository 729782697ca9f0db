from django.db import models
from django.utils import timezone

from consent.models.event import ConsentEvent


class BulkDecision(models.Model):
    """A decision for many posts, kept so that it can be undone as a whole."""

    subject = models.UUIDField(db_index=True)
    first = models.ForeignKey(ConsentEvent, models.DO_NOTHING, related_name="+")
    last = models.ForeignKey(ConsentEvent, models.DO_NOTHING, related_name="+")
    description = models.CharField(max_length=200)
    posts = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.description


class IdempotencyKey(models.Model):
    """A client's idempotency key and the event it led to; retries get the same response."""

    subject = models.UUIDField()
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    event = models.ForeignKey(ConsentEvent, models.DO_NOTHING, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "key"], name="decision_key_once")]

    def __str__(self) -> str:
        return self.key
