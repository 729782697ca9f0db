from django.db import models
from django.utils import timezone


class Retraction(models.Model):
    """News for the datasets: a post that was public and human-written is so no longer.

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
