from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """An action of staff, kept forever: the database refuses UPDATE, DELETE and TRUNCATE.

    Actor and object are copied, not referenced, so that both can be deleted.
    """

    class Act(models.TextChoices):
        SNAPSHOT_MADE = "snapshot_made", _("Snapshot created")
        BUILD_STARTED = "build_started", _("Build started")
        BUILD_PAUSED = "build_paused", _("Build paused")
        BUILD_RESUMED = "build_resumed", _("Build resumed")
        BUILD_CANCELLED = "build_cancelled", _("Build cancelled")
        SNAPSHOT_APPROVED = "snapshot_approved", _("Snapshot approved")
        SNAPSHOT_REJECTED = "snapshot_rejected", _("Snapshot rejected")
        SNAPSHOT_WITHDRAWN = "snapshot_withdrawn", _("Snapshot unpublished")
        ROW_EXCLUDED = "row_excluded", _("Row or author excluded")
        RECIPE_MADE = "recipe_made", _("Recipe created")
        LIST_UPLOADED = "list_uploaded", _("List uploaded")
        ACCESS_GRANTED = "access_granted", _("Access granted")
        ACCESS_REFUSED = "access_refused", _("Access refused")
        ACCESS_REVOKED = "access_revoked", _("Access revoked")
        HOLDER_REMINDED = "holder_reminded", _("Reminder of removals sent")
        TERMS_MADE = "terms_made", _("Terms published")
        TERMS_AGREED = "terms_agreed", _("New terms accepted")

    at = models.DateTimeField(default=timezone.now)
    # The id and name of the user; empty if a command acted.
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=30, blank=True)
    act = models.CharField(max_length=20, choices=Act)
    object_type = models.CharField(_("type"), max_length=40)
    object_id = models.CharField(_("id"), max_length=40)
    object_label = models.CharField(_("object"), max_length=200)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = _("audit entries")
        indexes = [models.Index(fields=["object_type", "object_id", "-id"], name="audit_of_object")]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.object_label}"
