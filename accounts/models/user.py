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
# \Z, as $ would let a line break through at the end.
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
    # When somebody last set the password, by whichever way; access tokens from before it are worth nothing.
    password_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Followers have to be let in one by one.
    requires_follow_approval = models.BooleanField(default=False, db_default=False)
    # Whether search, trends and the lists of people to meet may show this person and what is public of them.
    is_discoverable = models.BooleanField(default=True, db_default=True)
    # Folders of the storage with a portrait and the picture above the profile, where there are some.
    avatar = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    header = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    # Whether the composer asks once for what a picture without description shows.
    warns_about_alt_text = models.BooleanField(
        "Remind me to describe pictures", default=True, db_default=True
    )
    # Codes of the languages whose posts this person meets among those of everyone; none for all.
    preferred_languages = ArrayField(
        models.CharField(max_length=_LANGUAGE_LENGTH),
        default=list,
        db_default=[],
        blank=True,
        editable=False,
    )
    # So widely followed that posts are not pushed to the followers' timelines but merged when these are read.
    skips_fan_out = models.BooleanField(default=False, db_default=False, editable=False)
    # Counted on with each change that may add older posts to the home timeline, which is then put together anew.
    home_timeline_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    # How the reader of a list stands to this person, set where the list has a button to follow.
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
            # For names that are completed as somebody types them.
            models.Index(
                OpClass(Lower("username"), name="text_pattern_ops"), name="accounts_username_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def set_password(self, raw_password: str | None) -> None:
        """Set the password, and with it when that was.

        Django hashes a password anew, where its hasher has changed, through this method too, but saves only the hash.
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
