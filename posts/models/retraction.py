from django.db import models
from django.utils import timezone


class Retraction(models.Model):
    """A post stopped being public and human-written; datasets revoke it.

    A trigger inserts it in the transaction of the change, whatever caused that.
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
