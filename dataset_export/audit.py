"""The audit log of staff actions, written in the transaction of the action."""

from typing import Any

from django.db.models import Model

from accounts.models import User
from dataset_export.models import AuditEntry

MAX_LABEL_LENGTH = 200


def record(*, actor: User | None, act: AuditEntry.Act, object: Model, **detail: Any) -> AuditEntry:
    """Record an action forever. `detail` is JSON and must hold nothing that may need erasure."""
    return AuditEntry.objects.create(
        actor_id=actor.pk if actor else None,
        actor=actor.username if actor else "",
        act=act,
        object_type=object._meta.label_lower.partition(".")[2],
        object_id=str(object.pk),
        object_label=str(object)[:MAX_LABEL_LENGTH],
        detail=detail,
    )
