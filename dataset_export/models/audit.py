from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    """An action of staff, kept forever: the database refuses UPDATE, DELETE and TRUNCATE.

    Actor and object are copied, not referenced, so that both can be deleted.
    """

    class Act(models.TextChoices):
        SNAPSHOT_MADE = "snapshot_made", "Snapshot created"
        BUILD_STARTED = "build_started", "Build started"
        BUILD_PAUSED = "build_paused", "Build paused"
        BUILD_RESUMED = "build_resumed", "Build resumed"
        BUILD_CANCELLED = "build_cancelled", "Build cancelled"
        SNAPSHOT_APPROVED = "snapshot_approved", "Snapshot approved"
        SNAPSHOT_REJECTED = "snapshot_rejected", "Snapshot rejected"
        SNAPSHOT_WITHDRAWN = "snapshot_withdrawn", "Snapshot withdrawn"
        ROW_EXCLUDED = "row_excluded", "Row or author excluded"
        RECIPE_MADE = "recipe_made", "Recipe created"
        LIST_UPLOADED = "list_uploaded", "List uploaded"
        ACCESS_GRANTED = "access_granted", "Access granted"
        ACCESS_REFUSED = "access_refused", "Access refused"
        ACCESS_REVOKED = "access_revoked", "Access revoked"
        HOLDER_REMINDED = "holder_reminded", "Reminded of removals"
        TERMS_MADE = "terms_made", "Terms created"
        TERMS_AGREED = "terms_agreed", "New terms agreed to"

    at = models.DateTimeField(default=timezone.now)
    # The id and name of the user; empty if a command acted.
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=30, blank=True)
    act = models.CharField(max_length=20, choices=Act)
    object_type = models.CharField("kind", max_length=40)
    object_id = models.CharField("number", max_length=40)
    object_label = models.CharField("what", max_length=200)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["object_type", "object_id", "-id"], name="audit_of_object")]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.object_label}"
