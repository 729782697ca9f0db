"""What each downloader still has to apply, and their word that it is done."""

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
    """The dataset has no such revision; the message says so."""


class NotAnnouncedError(Exception):
    """The removals of this revision are not in the feed yet; the message says what to do."""


def acknowledge_removals(*, user: User, name: str, revision: str) -> tuple[Acknowledgement, bool]:
    """Note that a person applied all removals of a dataset up to a revision; the second time nothing happens.

    Returns the row, and whether it is new.

    Raises:
        UnknownRevision: nothing of this name and revision was ever published.
        NotAnnounced: nobody can have read its removals yet.
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
    """Return the last change that was made up to a revision, or the one that took its whole snapshot back."""
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
    """What a person has to apply to the copies of one dataset."""

    dataset: str
    rows: int
    # Snapshots of which nothing may be kept.
    withdrawn: tuple[int, ...]
    due_at: datetime
    # What to acknowledge when it is done.
    revision: str

    @property
    def is_overdue(self) -> bool:
        return self.due_at < timezone.now()


def pending_removals(user: User | AnonymousUser) -> list[PendingRemovals]:
    """Return what a person has not acknowledged, by dataset."""
    if user.is_anonymous:
        return []
    pending = pending_of(user).order_by("announcement__snapshot__name", "announcement")
    return [
        duty(name, list(notices))
        for name, notices in groupby(pending, lambda each: each.announcement.snapshot.name)
    ]


def pending_removals_for(user: User | AnonymousUser, name: str) -> PendingRemovals | None:
    """Return what a person has not acknowledged of one dataset."""
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
