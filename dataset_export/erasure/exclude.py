"""Exclude posts and authors from a dataset on a reviewer's decision."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext

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
    """Exclude the posts of records, or all posts of their authors, from this dataset forever.

    Their rows are revoked at once and erased by the next sweep, conversations as a whole.
    Returns how many exclusions are new.

    Raises:
        SnapshotError: no reason is given, or a record is of another snapshot.
    """
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise SnapshotError(gettext("Say why. The author can read it."))
    posts, authors = list(records), list(authors_of)
    if any(record.snapshot_id != snapshot.pk for record in [*posts, *authors]):
        raise SnapshotError(
            gettext("These rows are not all in {snapshot}.").format(snapshot=snapshot)
        )
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
