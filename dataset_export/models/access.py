"""Access to datasets: the terms, the requests with their decisions, and the downloads."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Subquery
from django.utils import timezone

from dataset_export.models.snapshot import NAME_LENGTH, Snapshot

MIN_PURPOSE_LENGTH, MAX_PURPOSE_LENGTH = 20, 2000
MAX_REASON_LENGTH = 500
EXPIRY_WARNING_DAYS = "{days}"


class AccessTerms(models.Model):
    """Terms that downloaders agree to. Rows are immutable; a change is a new version."""

    version = models.PositiveIntegerField(unique=True, editable=False)
    text = models.TextField(
        help_text=f"Plain words. {EXPIRY_WARNING_DAYS} stands for the number of days below."
    )
    removal_days = models.PositiveSmallIntegerField(
        "days for removals",
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text="Within how many days removals have to be applied to every copy.",
    )
    is_material = models.BooleanField(
        "material change",
        default=True,
        help_text="Grants are paused until their holders agree to the new terms.",
    )
    published_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "terms of access"
        constraints = [
            models.CheckConstraint(
                condition=Q(version__gt=1) | Q(is_material=True), name="first_terms_are_material"
            ),
            models.CheckConstraint(
                condition=Q(removal_days__range=(1, 90)), name="terms_days_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"terms, version {self.version}"

    @property
    def words(self) -> str:
        """The text with the number of days filled in."""
        return self.text.replace(EXPIRY_WARNING_DAYS, str(self.removal_days))


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    def open(self) -> "AccessRequestQuerySet":
        return self.filter(state=AccessRequest.State.OPEN)

    def unnotified(self) -> "AccessRequestQuerySet":
        """Decisions that the requester hasn't been notified of."""
        return self.filter(notified_at=None).exclude(state=AccessRequest.State.OPEN)

    def running(self, moment: datetime | None = None) -> "AccessRequestQuerySet":
        """Grants that are neither expired nor revoked, whichever terms they rest on."""
        return self.filter(
            state=AccessRequest.State.GRANTED, granted_until__gt=moment or timezone.now()
        )

    def in_force(self) -> "AccessRequestQuerySet":
        """Running grants on valid terms, held by users who may sign in and aren't suspended."""
        material = AccessTerms.objects.filter(is_material=True).order_by("-version")
        return self.running().filter(
            terms__version__gte=Subquery(material.values("version")[:1]),
            user__is_active=True,
            user__suspended_at__isnull=True,
        )


class AccessRequest(models.Model):
    """A request of one user for one dataset, with its decision.

    It outlives the account, as authors may see who had access.
    """

    class State(models.TextChoices):
        OPEN = "open", "Awaiting a decision"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"
        REVOKED = "revoked", "Revoked"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="access_requests"
    )
    # The name of a dataset; a grant covers all its versions.
    dataset = models.CharField("dataset", max_length=NAME_LENGTH)
    # Empty if the user asks as an individual.
    organisation = models.CharField(max_length=120, blank=True)
    organisation_url = models.URLField("its web page", blank=True)
    purpose = models.TextField(max_length=MAX_PURPOSE_LENGTH)
    terms = models.ForeignKey(AccessTerms, models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(default=timezone.now)
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    granted_until = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Why it was refused or revoked.
    reason = models.TextField(max_length=MAX_REASON_LENGTH, blank=True)
    # When the requester was notified of the latest decision.
    notified_at = models.DateTimeField(null=True)

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        permissions = [("decide_access", "Can grant, refuse and revoke access to datasets")]
        indexes = [
            models.Index(fields=["user", "dataset", "-id"], name="access_of_person"),
            models.Index(
                fields=["id"],
                name="access_untold",
                condition=Q(notified_at=None) & ~Q(state="open"),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "dataset"], name="access_open_once", condition=Q(state="open")
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "granted", "refused", "revoked"]),
                name="access_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="access_decided_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["granted", "revoked"], granted_until__isnull=False)
                | Q(state__in=["open", "refused"], granted_until=None),
                name="access_granted_has_end",
            ),
            models.CheckConstraint(
                condition=Q(state="revoked", revoked_at__isnull=False)
                | (~Q(state="revoked") & Q(revoked_at=None)),
                name="access_revoked_has_time",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=["refused", "revoked"]) & ~Q(reason=""))
                | Q(state__in=["open", "granted"], reason=""),
                name="access_no_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("user")) & ~Q(revoked_by=F("user")),
                name="access_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(organisation_url="") | ~Q(organisation=""),
                name="access_page_of_organisation",
            ),
        ]

    def __str__(self) -> str:
        # Without the user's name: the audit log keeps this text forever.
        return f"{self.dataset}, request {self.pk}"

    @property
    def requester(self) -> str:
        """The label of the recipient that authors may see."""
        return self.organisation or (
            f"@{self.user}" if self.user else "a person whose account is closed"
        )

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_running(self) -> bool:
        return self.state == self.State.GRANTED and not self.is_expired

    @property
    def is_expired(self) -> bool:
        until = self.granted_until
        return self.state == self.State.GRANTED and until is not None and until <= timezone.now()

    @property
    def state_label(self) -> str:
        return "Expired" if self.is_expired else str(self.get_state_display())

    def ends_within(self, days: int) -> bool:
        return self.granted_until is not None and self.granted_until <= timezone.now() + timedelta(
            days=days
        )


class Download(models.Model):
    """A request for a file, logged when it starts, without an IP address."""

    at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    token_name = models.CharField("token", max_length=60)
    # The grant of the download, with organisation and purpose.
    access = models.ForeignKey(AccessRequest, models.PROTECT, related_name="downloads")
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, related_name="downloads", db_index=False)
    path = models.CharField(max_length=200)
    bytes_asked = models.BigIntegerField("bytes")
    status = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["snapshot", "path"], name="download_of_file")]

    def __str__(self) -> str:
        return f"{self.path}, {self.at:%Y-%m-%d %H:%M}"
