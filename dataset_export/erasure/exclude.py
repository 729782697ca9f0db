"""Leave posts and people out of a data set because a reviewer says so."""

from collections.abc import Iterable

from django.db import transaction

from accounts.models import User
from dataset_export.builds.services import SnapshotError
from dataset_export.models import Exclusion, RowProvenance, Snapshot


@transaction.atomic
def exclude_rows(
    *,
    snapshot: Snapshot,
    reason: str,
    by: User | None,
    records: Iterable[RowProvenance] = (),
    authors_of: Iterable[RowProvenance] = (),
) -> int:
    """Leave the posts of records, or all posts of their authors, out of this data set for good.

    Rows that are in one of its snapshots are withheld from here on, and erased by the next sweep. A row of
    conversations goes as a whole. Returns how many of these were not left out already.

    Raises:
        SnapshotError: no reason is given, or a record is of another snapshot.
    """
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise SnapshotError("Say why; the author will want to know.")
    posts, authors = list(records), list(authors_of)
    if any(record.snapshot_id != snapshot.pk for record in [*posts, *authors]):
        raise SnapshotError(f"These rows are not all in {snapshot}.")
    wanted: list[dict[str, object]] = [
        {"post_id": post_id} for post_id in sorted({record.post_id for record in posts})
    ]
    wanted += [{"subject": subject} for subject in sorted({record.subject for record in authors})]
    before = Exclusion.objects.filter(name=snapshot.name).count()
    Exclusion.objects.bulk_create(
        [Exclusion(name=snapshot.name, reason=reason, by=by, **whom) for whom in wanted],
        ignore_conflicts=True,
    )
    return Exclusion.objects.filter(name=snapshot.name).count() - before
