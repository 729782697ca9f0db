import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

PREFIX = "cp_"


def digest_of(token: str) -> str:
    """Return the hash that is kept in place of a token; a random 32-byte token needs no slow one."""
    return hashlib.sha256(token.encode()).hexdigest()


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def in_force(self) -> "AccessTokenQuerySet":
        return self.filter(revoked_at__isnull=True, user__is_active=True, user__suspended_at__isnull=True)


class AccessToken(models.Model):
    """A personal key to the API, for reading data sets. Only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = AccessTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def draw() -> str:
        """Make a new token's text."""
        return PREFIX + secrets.token_urlsafe(32)
