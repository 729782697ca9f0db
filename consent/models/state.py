from django.db import models

from consent.models.event import ConsentEvent
from consent.purposes import Purpose


class ConsentState(models.Model):
    """Projection of the ledger: the newest event per subject, purpose and post (null: the account).

    Maintained by a trigger; `manage.py rebuild_consent` compares it with the ledger.
    """

    subject = models.UUIDField()
    purpose = models.CharField(max_length=20, choices=Purpose)
    post_id = models.BigIntegerField(null=True)
    event = models.OneToOneField(ConsentEvent, models.DO_NOTHING, related_name="state")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "purpose", "post_id"],
                name="consent_state_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["post_id"], name="consent_state_of_post")]

    def __str__(self) -> str:
        return f"{self.subject} {self.purpose} {self.post_id}"
