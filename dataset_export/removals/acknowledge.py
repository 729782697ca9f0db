"""Pending removals of each downloader, and their acknowledgements."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from dataset_export.models import Acknowledgement, RemovalAnnouncement, RemovalNotice, Revision
from dataset_export.models.notification import WITHDRAWN
from dataset_export.removals.feed import announcements_of
from dataset_export.signing.revisions import revision_by_name


class UnknownRevisionError(Exception):
    """The dataset has no such revision."""


class NotAnnouncedError(Exception):
    """The removals of this revision are not in the feed yet."""


def acknowledge_removals(*, user: User, name: str, revision: str) -> tuple[Acknowledgement, bool]:
    """Record that a user applied all removals up to a revision; idempotent.

    Returns the row and whether it is new.

    Raises:
        UnknownRevisionError: no such published revision. NotAnnouncedError: its removals were not
        announced yet.
    """
    found = revision_by_name(name, revision.removesuffix(WITHDRAWN))
    if found is None or found.snapshot.published_at is None:
        raise UnknownRevisionError(f"{name} has no revision of this name.")
    return Acknowledgement.objects.select_related("snapshot").get_or_create(
        user=user,
        snapshot=found.snapshot,
        revision=found.number,
        announcement=last_announcement_for(found, of_all=revision.endswith(WITHDRAWN)),
    )


def last_announcement_for(revision: Revision, *, of_all: bool) -> RemovalAnnouncement | None:
    """Return the last change up to a revision, or the withdrawal of its snapshot."""
    changes = announcements_of(revision.snapshot.name)
    own = changes.filter(
        snapshot=revision.snapshot, revision=revision.number, is_withdrawal=of_all
    ).last()
    if own is None and of_all:
        raise UnknownRevisionError("It was not taken back.")
    if own is None and revision.removed_rows:
        raise NotAnnouncedError(
            "The removals of this revision are being announced. Try again in a minute."
        )
    return own or changes.filter(at__lte=revision.at).last()


@dataclass(frozen=True, slots=True)
class PendingRemovals:
    """Removals a user has to apply to their copies of a dataset."""

    dataset: str
    rows: int
    # Snapshots that were withdrawn as a whole.
    withdrawn: tuple[int, ...]
    due_at: datetime
    # The revision to acknowledge.
    revision: str

    @property
    def is_overdue(self) -> bool:
        return self.due_at < timezone.now()


def pending_removals(user: User | AnonymousUser) -> list[PendingRemovals]:
    """Return a user's unacknowledged removals by dataset."""
    if user.is_anonymous:
        return []
    pending = pending_of(user).order_by("announcement__snapshot__name", "announcement")
    return [
        duty(name, list(notices))
        for name, notices in groupby(pending, lambda each: each.announcement.snapshot.name)
    ]


def pending_removals_for(user: User | AnonymousUser, name: str) -> PendingRemovals | None:
    """Return a user's unacknowledged removals of a dataset."""
    return next((each for each in pending_removals(user) if each.dataset == name), None)


def pending_of(user: User) -> QuerySet[RemovalNotice]:
    rows = (
        RemovalNotice.objects.pending().filter(user=user).select_related("announcement__snapshot")
    )
    return rows.defer(
        "announcement__snapshot__manifest_json", "announcement__snapshot__pseudonym_key"
    )


def duty(name: str, notices: list[RemovalNotice]) -> PendingRemovals:
    changes = [notice.announcement for notice in notices]
    return PendingRemovals(
        dataset=name,
        rows=sum(change.rows or 0 for change in changes),
        withdrawn=tuple(change.snapshot.version for change in changes if change.is_withdrawal),
        due_at=min(notice.due_at for notice in notices),
        revision=changes[-1].answer,
    )
