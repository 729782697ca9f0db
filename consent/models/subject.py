import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Subject(models.Model):
    """The random number under which a person stands in the ledger; it goes when the account goes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="consent_subject"
    )
    adult_attested_at = models.DateTimeField(null=True, blank=True)
    # When the person was asked at sign-up, and answered or skipped; nobody is asked twice without a reason.
    asked_at = models.DateTimeField(null=True, blank=True)
    # When the person last took everything back. What they agreed to before, and what waits to be said, counts no more.
    withdrew_all_at = models.DateTimeField(null=True, blank=True)
    # A switch of its own: may crawlers take this person's public pages for training AI?
    allows_crawling = models.BooleanField(default=False, db_default=False)

    # The site's signature over the link to the account (consent.seals): two people's subjects cannot be swapped unseen.
    seal = models.BinaryField(max_length=64)

    class Meta:
        indexes = [
            models.Index(
                fields=["user"], name="consent_adult", condition=Q(adult_attested_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
