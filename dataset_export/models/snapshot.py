import hashlib
import secrets
from typing import Any

import orjson
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consent.purposes import Purpose
from dataset_export.models.evaluation import EvaluationList
from dataset_export.models.recipe import Recipe

_KEY_BYTES = 32
NAME_LENGTH = 60


def new_pseudonym_key() -> bytes:
    return secrets.token_bytes(_KEY_BYTES)


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def published(self) -> "SnapshotQuerySet":
        """Snapshots that can be downloaded."""
        return self.filter(state=Snapshot.State.PUBLISHED)

    def building(self) -> "SnapshotQuerySet":
        return self.filter(state=Snapshot.State.BUILDING)


class Snapshot(models.Model):
    """One version of a dataset for one purpose, fixed by watermarks."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        BUILDING = "building", _("Building")
        PAUSED = "paused", _("Paused")
        IN_REVIEW = "in_review", _("In review")
        PUBLISHED = "published", _("Published")
        SUPERSEDED = "superseded", _("Superseded")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Stage(models.TextChoices):
        """The stages of a build in order; each consists of tasks."""

        PREPARE = "prepare", _("Prepare posts")
        DEDUPLICATE = "deduplicate", _("Find exact duplicates")
        MATCH = "match", _("Find similar posts")
        VERIFY = "verify", _("Compare similar posts")
        SELECT = "select", _("Count copies and cap authors")
        THREADS = "threads", _("Assemble conversations")
        WRITE = "write", _("Write shards")
        FINISH = "finish", _("Write the manifest")

    # States whose files are served: the current version by name, older ones by version.
    SERVED = (State.PUBLISHED, State.SUPERSEDED)

    name = models.CharField(
        max_length=NAME_LENGTH,
        validators=[
            RegexValidator(r"\A[a-z0-9][a-z0-9-]*\Z", _("Use a to z, digits and hyphens."))
        ],
        help_text=_("Used in the URL. Reusing a name creates a new version."),
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    purpose = models.CharField(max_length=20, choices=Purpose)
    recipe = models.ForeignKey(Recipe, models.PROTECT, related_name="snapshots")
    # The evaluation lists in effect at the start of the build.
    evaluation_lists = models.ManyToManyField(
        EvaluationList, related_name="snapshots", editable=False
    )
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT, editable=False)
    stage = models.CharField(max_length=12, choices=Stage, blank=True, editable=False)
    pseudonym_key = models.BinaryField(max_length=_KEY_BYTES, default=new_pseudonym_key)
    # The snapshot is built from posts up to this id and the first `ledger_size` decisions.
    post_watermark = models.BigIntegerField(null=True, editable=False)
    ledger_size = models.BigIntegerField(null=True, editable=False)
    # Post versions up to this id were replaced before the build began; the text of a post
    # is that of its first version above it.
    version_watermark = models.BigIntegerField(null=True, editable=False)
    # The lowest notice version whose grants count for the snapshot.
    notice_version = models.PositiveIntegerField(null=True, editable=False)
    watermark_at = models.DateTimeField(null=True, editable=False)
    retraction_watermark = models.BigIntegerField(null=True, editable=False)
    manifest_json = models.BinaryField(null=True, editable=False)
    signature = models.TextField(blank=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    started_at = models.DateTimeField(null=True, editable=False)
    built_at = models.DateTimeField(null=True, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    published_at = models.DateTimeField(null=True, editable=False)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        permissions = [
            ("build_snapshot", "Can build snapshots"),
            ("approve_snapshot", "Can approve and publish snapshots that others created"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="snapshot_version"),
            models.UniqueConstraint(
                fields=["name"], name="snapshot_published_once", condition=Q(state="published")
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "failed", "cancelled"])
                | Q(
                    post_watermark__isnull=False,
                    ledger_size__isnull=False,
                    retraction_watermark__isnull=False,
                ),
                name="snapshot_built_has_watermarks",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["in_review", "published", "superseded"])
                | Q(manifest_json__isnull=False),
                name="snapshot_reviewed_has_manifest",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "superseded"]) | Q(approved_at__isnull=False),
                name="snapshot_published_was_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("created_by")),
                name="snapshot_approved_by_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("dataset_export:detail", args=[self.name])

    @property
    def manifest(self) -> dict[str, Any]:
        """The parsed manifest; empty until the build is finished."""
        return orjson.loads(self.manifest_json) if self.manifest_json else {}

    @property
    def manifest_sha256(self) -> str:
        return hashlib.sha256(bytes(self.manifest_json or b"")).hexdigest()

    @property
    def is_building(self) -> bool:
        return self.state == self.State.BUILDING

    @property
    def is_in_review(self) -> bool:
        return self.state == self.State.IN_REVIEW

    @property
    def has_rows(self) -> bool:
        """Whether files with rows exist; those of rejected and cancelled builds are erased."""
        return bool(self.manifest_json) and self.state != self.State.CANCELLED
