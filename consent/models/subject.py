import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Subject(models.Model):
    """The random id of a person in the ledger; deleted with the account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="consent_subject"
    )
    adult_attested_at = models.DateTimeField(null=True, blank=True)
    # When the user was prompted at sign-up, and decided or skipped.
    asked_at = models.DateTimeField(null=True, blank=True)
    # When the user last withdrew everything; earlier and pending grants are void.
    withdrew_all_at = models.DateTimeField(null=True, blank=True)
    # Whether training crawlers may use this user's public pages.
    allows_crawling = models.BooleanField(default=False, db_default=False)

    # The site's signature over the link to the account (consent.seals): swapped subjects are
    # detected.
    seal = models.BinaryField(max_length=64)

    class Meta:
        indexes = [
            models.Index(
                fields=["user"], name="consent_adult", condition=Q(adult_attested_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
