import hashlib
import json
import secrets
from datetime import UTC, datetime

from django.db import models
from django.db.models import Q, Value
from django.utils import timezone

from consent.models.notice import Notice
from consent.purposes import Purpose

SALT_BYTES = 32
_LEAF_PREFIX = b"\x00"


class ConsentEvent(models.Model):
    """An entry of the append-only ledger. `position` is assigned by the database, gapless
    from 0.
    """

    class Scope(models.TextChoices):
        ACCOUNT = "account"
        POST = "post"

    class Decision(models.TextChoices):
        GRANTED = "granted"
        WITHDRAWN = "withdrawn"
        # The post follows the account's settings again.
        CLEARED = "cleared"

    class Covers(models.TextChoices):
        EVERYTHING = "everything", "Include posts so far"
        FROM_NOW = "from_now", "From now on"

    class Source(models.TextChoices):
        SETTINGS = "settings"
        COMPOSER = "composer"
        SIGN_UP = "sign_up"
        API = "api"
        IMPORT = "import"

    # A trigger replaces the default with the next position.
    position = models.BigIntegerField(primary_key=True, db_default=Value(-1))
    subject = models.UUIDField()
    scope = models.CharField(max_length=10, choices=Scope)
    post_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=20, choices=Purpose)
    decision = models.CharField(max_length=10, choices=Decision)
    covers = models.CharField(max_length=12, choices=Covers)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+")
    source = models.CharField(max_length=12, choices=Source)
    # The app that sent the request, for source API.
    app = models.CharField(max_length=60, blank=True, default="", db_default="")
    at = models.DateTimeField(default=timezone.now)
    salt = models.BinaryField(max_length=SALT_BYTES)
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(
                fields=["subject", "purpose", "-position"],
                name="consent_account_newest",
                condition=Q(scope="account"),
            ),
            models.Index(
                fields=["post_id", "purpose", "-position"],
                name="consent_post_newest",
                condition=Q(scope="post"),
            ),
            models.Index(fields=["subject", "-position"], name="consent_subject_newest"),
            # Decisions that can revoke rows, which each download checks: a grant of everything
            # never does.
            models.Index(
                fields=["purpose", "position"],
                name="consent_narrowed",
                include=["subject"],
                condition=~Q(decision="granted", covers="everything"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="account", post_id__isnull=True)
                | Q(scope="post", post_id__isnull=False),
                name="post_id_goes_with_scope_post",
            ),
            models.CheckConstraint(condition=Q(position__gte=0), name="position_given_by_trigger"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="purpose_known"),
            models.CheckConstraint(
                condition=Q(decision__in=["granted", "withdrawn"])
                | Q(decision="cleared", scope="post"),
                name="decision_known",
            ),
            models.CheckConstraint(
                condition=Q(covers__in=["everything", "from_now"]), name="covers_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.decision} {self.purpose}"

    @property
    def is_grant(self) -> bool:
        return self.decision == self.Decision.GRANTED

    @property
    def is_cleared(self) -> bool:
        return self.decision == self.Decision.CLEARED

    def covers_time(self, moment: datetime) -> bool:
        """Tell whether the decision applies to something written at a time."""
        return (
            self.scope == self.Scope.POST
            or self.covers == self.Covers.EVERYTHING
            or self.at <= moment
        )

    def seal(self) -> "ConsentEvent":
        """Generate the salt and the leaf hash; call once, before saving."""
        self.salt = secrets.token_bytes(SALT_BYTES)
        self.leaf_hash = self.expected_leaf_hash()
        return self

    def expected_leaf_hash(self) -> bytes:
        """Return SHA-256(0x00 ‖ entry), the leaf hash of RFC 6962, section 2.1."""
        return hashlib.sha256(_LEAF_PREFIX + self.entry()).digest()

    def entry(self) -> bytes:
        """Return the log entry SHA-256(salt ‖ event as JSON): a commitment that reveals nothing."""
        return hashlib.sha256(bytes(self.salt) + self.as_json()).digest()

    def as_json(self) -> bytes:
        """Return the event as JSON with sorted keys and without spaces."""
        content: dict[str, str | int | None] = {
            "subject": str(self.subject),
            "scope": self.scope,
            # A string: JavaScript rounds numbers above 2^53.
            "post_id": None if self.post_id is None else str(self.post_id),
            "purpose": self.purpose,
            "decision": self.decision,
            "covers": self.covers,
            "notice": str(self.notice),
            "notice_sha256": bytes(self.notice.text_sha256).hex(),
            "source": self.source,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
        }
        if self.app:
            content["app"] = self.app
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
