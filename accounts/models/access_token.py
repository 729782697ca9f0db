import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models.user import User

_PREFIX = "cp_"
DEFAULT_LIFETIME = timedelta(days=365)


def hash_token(token: str) -> str:
    """Return the stored hash of a token. Tokens are 32 random bytes, so a fast hash is safe."""
    return hashlib.sha256(token.encode()).hexdigest()


def default_scopes() -> list[str]:
    return [AccessToken.Scope.DATASETS_READ]


def default_expiry() -> datetime:
    return timezone.now() + DEFAULT_LIFETIME


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def not_ended(self) -> "AccessTokenQuerySet":
        """Exclude tokens that are revoked, expired, or older than a reset password."""
        is_trusted = Q(user__password_set_at__isnull=True) | Q(
            trusted_at__gte=F("user__password_set_at")
        )
        return self.filter(is_trusted, revoked_at__isnull=True, expires_at__gt=timezone.now())

    def in_force(self) -> "AccessTokenQuerySet":
        return self.not_ended().filter(user__is_active=True, user__suspended_at__isnull=True)


class AccessToken(models.Model):
    """A personal API key for one app. Only its hash is stored."""

    class Scope(models.TextChoices):
        DATASETS_READ = "datasets:read", "Download datasets"
        CONSENT = "consent", "Read and change what you share for training"
        READ = "read", "Read your timelines and posts you can see"

    user = models.ForeignKey(User, models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    # Permissions of the app.
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), default=default_scopes)
    created_at = models.DateTimeField(default=timezone.now)
    # When the user last confirmed the token. Setting a password later ends it, unless tokens are
    # kept.
    trusted_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=default_expiry)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scopes__len__gte=1), name="token_has_a_scope"),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=["datasets:read", "consent", "read"]),
                name="token_scopes_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_labels(self) -> list[str]:
        return [str(self.Scope(scope).label) for scope in self.scopes]

    @staticmethod
    def draw() -> str:
        """Generate the text of a new token."""
        return _PREFIX + secrets.token_urlsafe(32)
