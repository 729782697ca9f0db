"""Approve and publish, reject, or withdraw a snapshot."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from accounts.models import User
from dataset_export import audit
from dataset_export.builds.cleanup import erase, erase_held_rows
from dataset_export.builds.services import SnapshotError, lock_dataset_name, lock_in_state
from dataset_export.eligibility import revoked_records
from dataset_export.models import AuditEntry, ShardRewrite, Snapshot
from dataset_export.publication.documents import publish_documents

_State, _Act = Snapshot.State, AuditEntry.Act


@transaction.atomic
def approve_and_publish(*, snapshot: Snapshot, by: User, manifest_sha256: str) -> None:
    """Publish a reviewed snapshot in place of the dataset's earlier version.

    Raises:
        SnapshotError: it isn't in review, has changed since `manifest_sha256` was shown, was
            created by `by`, is older than the published version, or has revoked rows.
    """
    lock_dataset_name(snapshot.name)
    snapshot = lock_in_state(snapshot, _State.IN_REVIEW)
    if snapshot.created_by_id == by.pk:
        raise SnapshotError(
            gettext("You created this snapshot, so a second person has to approve it.")
        )
    if snapshot.manifest_sha256 != manifest_sha256:
        raise SnapshotError(
            gettext("The snapshot has changed since you opened the page. Check it again.")
        )
    published = Snapshot.objects.published().filter(name=snapshot.name)
    if published.filter(version__gt=snapshot.version).exists():
        raise SnapshotError(gettext("A newer version is published already. Reject this one."))
    revoked = revoked_records(snapshot).count()
    if revoked:
        raise SnapshotError(
            ngettext(
                "{rows} row may not be used any more since the build. Erasure is under way; "
                "look again in a minute.",
                "{rows} rows may not be used any more since the build. Erasure is under way; "
                "look again in a minute.",
                revoked,
            ).format(rows=revoked)
        )
    if ShardRewrite.objects.filter(shard__snapshot=snapshot).exists():
        raise SnapshotError(gettext("Rows are being erased or restored. Look again in a minute."))
    # Nobody has reviewed held rows: they stay out of this version and may enter the next.
    erase_held_rows(snapshot.held_rows.all())
    published.update(state=_State.SUPERSEDED)
    snapshot.state = _State.PUBLISHED
    snapshot.approved_by, snapshot.approved_at = by, timezone.now()
    snapshot.published_at = snapshot.approved_at
    snapshot.save()
    publish_documents(snapshot)
    audit.record(
        actor=by, act=_Act.SNAPSHOT_APPROVED, object=snapshot, manifest_sha256=manifest_sha256
    )


@transaction.atomic
def reject_snapshot(*, snapshot: Snapshot, by: User, reason: str) -> None:
    """Reject a snapshot in review, with a reason for its creator, and erase its rows."""
    snapshot = lock_in_state(snapshot, _State.IN_REVIEW)
    snapshot.state, snapshot.error = _State.CANCELLED, f"Rejected by {by}: {reason}"
    snapshot.save(update_fields=["state", "error"])
    audit.record(actor=by, act=_Act.SNAPSHOT_REJECTED, object=snapshot, reason=reason)
    erase(snapshot.pk)


@transaction.atomic
def withdraw_snapshot(*, snapshot: Snapshot, by: User | None = None, reason: str = "") -> None:
    """Stop serving a snapshot, whether it is the current version or an older one."""
    snapshot = lock_in_state(snapshot, *Snapshot.SERVED)
    snapshot.state = _State.WITHDRAWN
    snapshot.save(update_fields=["state"])
    audit.record(actor=by, act=_Act.SNAPSHOT_WITHDRAWN, object=snapshot, reason=reason)
