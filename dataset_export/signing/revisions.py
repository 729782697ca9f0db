"""Signed revisions of snapshots and their names."""

import re
from datetime import datetime
from hashlib import sha256

from dataset_export.models import Revision, Snapshot
from dataset_export.models.removal import COMMIT_DIGITS
from dataset_export.signing.manifests import sign_manifest

_NAME = re.compile(r"v([1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")


def revision_name(snapshot: Snapshot, number: int) -> str:
    """Return the permanent name of a revision, from the version and the number of erasures."""
    return f"v{snapshot.version}.{number}"


def current_revision(snapshot: Snapshot) -> Revision:
    """Return the newest signed revision of a snapshot.

    Raises:
        Revision.DoesNotExist: it was never built.
    """
    return snapshot.revisions.select_related("snapshot").latest("number")


def revision_by_name(name: str, revision: str) -> Revision | None:
    """Return the revision with a name such as v3.1 or a commit, even if no longer served."""
    revisions = Revision.objects.filter(snapshot__name=name).select_related("snapshot")
    if named := _NAME.fullmatch(revision):
        found = revisions.filter(snapshot__version=int(named[1]), number=int(named[2]))
    else:
        found = revisions.filter(commit=revision)
    return found.order_by("pk").first()


def sign_again(revision: Revision, content: bytes) -> Revision:
    """Replace the manifest of a revision that nobody has received yet."""
    revision.manifest_json, revision.commit = content, commit_of(content)
    revision.signature = sign_manifest(content)
    revision.save(update_fields=["manifest_json", "commit", "signature"])
    return revision


def commit_of(content: bytes) -> str:
    """Return the name by which clients pin a revision: the start of its manifest's hash."""
    return sha256(content).hexdigest()[:COMMIT_DIGITS]


def create_revision(
    snapshot_id: int, *, number: int, content: bytes, at: datetime, removed_rows: int = 0
) -> Revision:
    """Sign a manifest and store it."""
    return Revision.objects.create(
        snapshot_id=snapshot_id,
        number=number,
        commit=commit_of(content),
        manifest_json=content,
        signature=sign_manifest(content),
        at=at,
        removed_rows=removed_rows,
    )
