"""Removal announcements, the notices sent to downloaders, and their acknowledgements."""

import base64
import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from dataset_export.models.access import AccessRequest
from dataset_export.models.snapshot import NAME_LENGTH, Snapshot

_SECRET_BYTES = 32
MAX_ERROR_LENGTH = 200
# Suffix of a revision's name: the whole snapshot was withdrawn.
WITHDRAWN = "-withdrawn"


def new_webhook_secret() -> bytes:
    return secrets.token_bytes(_SECRET_BYTES)


class RemovalAnnouncement(models.Model):
    """A removal that downloaders must apply. Created one after another, so ids are an order."""

    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="announcements")
    # The first revision without the rows, or the last one of a withdrawn snapshot.
    revision = models.PositiveIntegerField()
    is_withdrawal = models.BooleanField(default=False)
    # How many rows were removed; null if the whole snapshot was withdrawn.
    rows = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "revision", "is_withdrawal"], name="announcement_once"
            ),
            models.UniqueConstraint(
                fields=["snapshot"],
                condition=Q(is_withdrawal=True),
                name="announcement_of_withdrawal_once",
            ),
            models.CheckConstraint(
                condition=Q(is_withdrawal=True, rows__isnull=True)
                | Q(is_withdrawal=False, rows__gte=1),
                name="announcement_of_rows_or_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot.name} {self.revision_name}{', withdrawn' if self.is_withdrawal else ''}"

    @property
    def revision_name(self) -> str:
        return f"v{self.snapshot.version}.{self.revision}"

    @property
    def answer(self) -> str:
        """The name to acknowledge: a withdrawal is more than the removals of its revision."""
        return f"{self.revision_name}{WITHDRAWN if self.is_withdrawal else ''}"


class Acknowledgement(models.Model):
    """A downloader's statement that removals are applied up to a revision."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="acknowledgements")
    revision = models.PositiveIntegerField()
    # The last announcement covered, with all earlier ones of the dataset; null if none.
    announcement = models.ForeignKey(
        RemovalAnnouncement, models.CASCADE, null=True, related_name="acknowledgements"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "snapshot", "revision", "announcement"],
                condition=Q(user__isnull=False),
                nulls_distinct=False,
                name="acknowledgement_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.snapshot.name} v{self.snapshot.version}.{self.revision}"


def count_acknowledgements() -> models.QuerySet[Acknowledgement]:
    """Return the acknowledgements that cover an outer notice, by its recipient."""
    return Acknowledgement.objects.filter(
        user=OuterRef("user"),
        snapshot__name=OuterRef("announcement__snapshot__name"),
        announcement__gte=OuterRef("announcement"),
    )


class RemovalNoticeQuerySet(models.QuerySet["RemovalNotice"]):
    def with_answer(self) -> "RemovalNoticeQuerySet":
        """Annotate when the recipient acknowledged this removal or a later one of the dataset."""
        return self.annotate(
            acknowledged_at=Subquery(count_acknowledgements().order_by("at").values("at")[:1])
        )

    def acknowledged(self) -> "RemovalNoticeQuerySet":
        return self.filter(Exists(count_acknowledgements()))

    def pending(self) -> "RemovalNoticeQuerySet":
        """Removals not yet acknowledged by a user who still has an account."""
        return self.filter(~Exists(count_acknowledgements()), user__isnull=False)

    def overdue(self, moment: datetime | None = None) -> "RemovalNoticeQuerySet":
        return self.pending().filter(due_at__lt=moment or timezone.now())


class RemovalNotice(models.Model):
    """A removal that a downloader must be notified of; the row is the queue for the email."""

    announcement = models.ForeignKey(RemovalAnnouncement, models.CASCADE, related_name="notices")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="person",
    )
    # The grant of the latest download; it outlives the account.
    access = models.ForeignKey(AccessRequest, models.PROTECT, related_name="+")
    # From the terms agreed to at the time of the announcement.
    due_at = models.DateTimeField("to be applied by")
    sent_at = models.DateTimeField("told", null=True)
    # When an access manager last sent a reminder.
    reminded_at = models.DateTimeField("reminded", null=True)

    objects = RemovalNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "notice of removals"
        verbose_name_plural = "notices of removals"
        constraints = [models.UniqueConstraint(fields=["user", "announcement"], name="notice_once")]
        indexes = [models.Index(fields=["user"], condition=Q(sent_at=None), name="notice_unsent")]

    def __str__(self) -> str:
        # Without the user's name, as logs keep this text.
        return f"{self.announcement}, notice {self.pk}"


class Webhook(models.Model):
    """A URL to which removals from one dataset are posted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    dataset = models.CharField(max_length=NAME_LENGTH)
    url = models.URLField(max_length=500)
    # Stored in plain, as both sides sign with it.
    secret = models.BinaryField(max_length=_SECRET_BYTES, default=new_webhook_secret)
    # Consecutive failed attempts.
    failures = models.PositiveSmallIntegerField(default=0)
    disabled_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=MAX_ERROR_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "dataset"], name="webhook_once")]

    def __str__(self) -> str:
        return f"{self.dataset}, webhook {self.pk}"

    @property
    def secret_text(self) -> str:
        """The secret in the format of Standard Webhooks libraries."""
        return "whsec_" + base64.b64encode(self.secret).decode()


class WebhookMessage(models.Model):
    """An announcement to deliver to a webhook; the row is the queue."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="messages")
    announcement = models.ForeignKey(RemovalAnnouncement, models.CASCADE, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    # Null once delivered or given up.
    next_at = models.DateTimeField(null=True, default=timezone.now, db_index=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "announcement"], name="webhook_message_once"
            ),
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(next_at=None),
                name="webhook_message_delivered_rests",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement}, message {self.pk}"
