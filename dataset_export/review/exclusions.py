"""Exclude a row, or all rows of its author, on a reviewer's decision."""

import re

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from dataset_export import audit
from dataset_export.builds.services import SnapshotError, lock_in_state
from dataset_export.erasure.exclude import exclude_rows
from dataset_export.erasure.tasks import erase_revoked_task
from dataset_export.models import AuditEntry, RowProvenance, Snapshot

CHOICE = re.compile(r"(row|author) ([0-9]{1,18})")
_State = Snapshot.State


@transaction.atomic
def exclude_selection(*, snapshot: Snapshot, choice: str, reason: str, by: User) -> int:
    """Revoke a selection ("row 7" or "author 7", by record) and start rewriting the files.

    Raises:
        SnapshotError: unknown row, missing reason, or wrong state of the snapshot.
    """
    snapshot = lock_in_state(snapshot, _State.IN_REVIEW, _State.PUBLISHED)
    whose, record = parse_selection(snapshot, choice)
    what = {"records": [record]} if whose == "row" else {"authors_of": [record]}
    made = exclude_rows(snapshot=snapshot, reason=reason, by=by, **what)
    if not made:
        raise SnapshotError(gettext("Already excluded."))
    # Neither reason nor name, as both may have to be erased one day.
    audit.record(
        actor=by,
        act=AuditEntry.Act.ROW_EXCLUDED,
        object=snapshot,
        whole_author=whose == "author",
        configuration=record.configuration,
        split=record.split,
        shard=record.shard_number,
        row=record.row,
    )
    transaction.on_commit(erase_revoked_task.delay, robust=True)
    return made


def parse_selection(snapshot: Snapshot, choice: str) -> tuple[str, RowProvenance]:
    match = CHOICE.fullmatch(choice)
    record = (
        snapshot.provenance.filter(pk=int(match[2]), removed_in__isnull=True).first()
        if match
        else None
    )
    if match is None or record is None:
        raise SnapshotError(gettext("This row no longer exists. Refresh the page."))
    return match[1], record
