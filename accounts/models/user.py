import zlib
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.core.files.storage import default_storage
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

USERNAME_LENGTH = 30
_LANGUAGE_LENGTH = 16
AVATAR_HUES = 12
# \Z, because $ matches before a trailing newline.
USERNAME_VALIDATORS = [
    RegexValidator(
        rf"\A[A-Za-z0-9_]{{1,{USERNAME_LENGTH}}}\Z",
        "Use up to 30 letters, numbers or underscores.",
    )
]


class User(AbstractUser):
    class Source(models.TextChoices):
        SIGN_UP = "sign_up"
        DEMO = "demo"
        IMPORT = "import"

    username = models.CharField(
        max_length=USERNAME_LENGTH, unique=True, validators=USERNAME_VALIDATORS
    )
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(max_length=60, blank=True)
    bio = models.TextField(max_length=500, blank=True)
    source = models.CharField(max_length=10, choices=Source, default=Source.SIGN_UP)
    suspended_at = models.DateTimeField(null=True, blank=True)
    # When the password was last set, in any way. Older access tokens are invalid.
    password_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Whether the user approves followers.
    requires_follow_approval = models.BooleanField(default=False, db_default=False)
    # Whether search, trends and suggestions may show the user and their public posts.
    is_discoverable = models.BooleanField(default=True, db_default=True)
    # Storage folders of the avatar and the header image.
    avatar = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    header = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    # Whether the composer asks once for missing alt text.
    warns_about_alt_text = models.BooleanField(
        "Remind me to describe pictures", default=True, db_default=True
    )
    # Languages shown in Public and Explore; all if empty.
    preferred_languages = ArrayField(
        models.CharField(max_length=_LANGUAGE_LENGTH),
        default=list,
        db_default=[],
        blank=True,
        editable=False,
    )
    # Too many followers for fan-out: posts are merged into home timelines when those are read.
    skips_fan_out = models.BooleanField(default=False, db_default=False, editable=False)
    # Incremented by changes that add older posts to the home timeline, which is then rebuilt.
    home_timeline_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    # The viewer's follow status, set by lists that show a follow button.
    standing: ClassVar[object | None] = None

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(Lower("username"), name="username_unique_in_any_case"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="accounts_out_of_use",
                condition=Q(is_active=False) | Q(suspended_at__isnull=False),
            ),
            models.Index(
                fields=["id"], name="accounts_widely_followed", condition=Q(skips_fan_out=True)
            ),
            # Index for autocompletion.
            models.Index(
                OpClass(Lower("username"), name="text_pattern_ops"), name="accounts_username_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def set_password(self, raw_password: str | None) -> None:
        """Set the password and the time it was set.

        Django also calls this to upgrade a hash, but then saves only the hash.
        """
        super().set_password(raw_password)
        self.password_set_at = timezone.now()

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

    @property
    def avatar_url(self) -> str:
        return default_storage.url(f"{self.avatar}/96.webp")

    @property
    def large_avatar_url(self) -> str:
        return default_storage.url(f"{self.avatar}/400.webp")

    @property
    def header_url(self) -> str:
        return default_storage.url(f"{self.header}/1500.webp")

    @property
    def header_srcset(self) -> str:
        return ", ".join(
            default_storage.url(f"{self.header}/{width}.webp") + f" {width}w"
            for width in (750, 1500)
        )

    def get_absolute_url(self) -> str:
        return reverse("timeline:profile", args=[self.username])

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
