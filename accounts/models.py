import hashlib
import secrets
import zlib

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

USERNAME_LENGTH = 30
AVATAR_HUES = 12
PREFIX = "cp_"
# \Z, as $ would let a line break through at the end.
USERNAME_VALIDATORS = [
    RegexValidator(rf"\A[A-Za-z0-9_]{{1,{USERNAME_LENGTH}}}\Z", "Use letters a to z, digits and _, 30 at the most.")
]


class User(AbstractUser):
    class Source(models.TextChoices):
        SIGN_UP = "sign_up"
        DEMO = "demo"
        IMPORT = "import"

    username = models.CharField(max_length=USERNAME_LENGTH, unique=True, validators=USERNAME_VALIDATORS)
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(max_length=60, blank=True)
    bio = models.TextField(max_length=500, blank=True)
    source = models.CharField(max_length=10, choices=Source, default=Source.SIGN_UP)
    suspended_at = models.DateTimeField(null=True, blank=True)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(Lower("username"), name="username_unique_in_any_case"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="accounts_out_of_use",
                condition=Q(is_active=False) | Q(suspended_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def name(self) -> str:
        return self.display_name.strip() or self.username

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()

    @property
    def avatar_hue(self) -> int:
        return zlib.crc32(self.username.encode()) % AVATAR_HUES

    def get_absolute_url(self) -> str:
        return reverse("timeline:profile", args=[self.username])

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Follow(models.Model):
    follower = models.ForeignKey(User, models.CASCADE, related_name="follows")
    followed = models.ForeignKey(User, models.CASCADE, related_name="followed_by")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="follow_once"),
            models.CheckConstraint(condition=~Q(follower=F("followed")), name="follow_somebody_else"),
        ]
        indexes = [
            models.Index(fields=["followed", "-id"], name="follow_newest_followers"),
            models.Index(fields=["follower", "-id"], name="follow_newest_followed"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} follows {self.followed_id}"


def digest_of(token: str) -> str:
    """Return the hash that is kept in place of a token; a random 32-byte token needs no slow one."""
    return hashlib.sha256(token.encode()).hexdigest()


def default_scopes() -> list[str]:
    return [AccessToken.Scope.DATASETS_READ]


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def in_force(self) -> "AccessTokenQuerySet":
        return self.filter(revoked_at__isnull=True, user__is_active=True, user__suspended_at__isnull=True)


class AccessToken(models.Model):
    """A person's key to the API for one program. Only its hash is kept."""

    class Scope(models.TextChoices):
        DATASETS_READ = "datasets:read", "Download data sets"
        CONSENT = "consent", "Read and change what you share for training"

    user = models.ForeignKey(User, models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    # What the program may do in the person's name.
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), default=default_scopes)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scopes__len__gte=1), name="token_has_a_scope"),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=["datasets:read", "consent"]), name="token_scopes_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_labels(self) -> list[str]:
        return [str(self.Scope(scope).label) for scope in self.scopes]

    @staticmethod
    def draw() -> str:
        """Make a new token's text."""
        return PREFIX + secrets.token_urlsafe(32)
