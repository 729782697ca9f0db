"""Paginated feed of a dataset's removals."""

import re
from dataclasses import dataclass
from typing import Any

import orjson
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import User
from common.consistent_reads import consistent_read
from dataset_export.access.selectors import SERVED, may_download
from dataset_export.hub.revisions import published_revisions
from dataset_export.models import Download, Removal, RemovalAnnouncement
from dataset_export.publication.removals import serialize_removal
from dataset_export.signing.manifests import sign_manifest

PAGE_ROWS = 1000
# Each costs a query; pages with many small ones are shorter. At least two, because a page starts in
# the one read last.
PAGE_ANNOUNCEMENTS = 50
_CURSOR = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")


class InvalidCursorError(ValueError):
    """Not a cursor of a page."""


class DatasetNotFoundError(Exception):
    """Nothing was ever published under this name."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row read: its announcement and removal, in announcement order.

    Removal ids alone are not ordered: snapshots are erased concurrently.
    """

    announcement: int = 0
    removal: int = 0

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise InvalidCursorError(text)
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.announcement}.{self.removal}"


def can_read_removals(user: User | AnonymousUser, name: str) -> bool:
    """Tell whether a user may read removals: with a grant, or a copy from any time."""
    if user.is_anonymous or may_download(user, name):
        return not user.is_anonymous
    return Download.objects.filter(user=user, snapshot__name=name, status__in=SERVED).exists()


def announcements_of(name: str) -> QuerySet[RemovalAnnouncement]:
    """Return a dataset's changes in announcement order."""
    return with_manifests(name).defer("snapshot__manifest_json", "snapshot__pseudonym_key")


def with_manifests(name: str) -> QuerySet[RemovalAnnouncement]:
    """As `announcements_of`, with whole snapshots."""
    return (
        RemovalAnnouncement.objects.filter(snapshot__name=name)
        .select_related("snapshot")
        .order_by("pk")
    )


def newest_revision(name: str) -> str:
    """Return the revision that a reader of the whole feed can acknowledge.

    Raises:
        DatasetNotFoundError: nothing was ever published under this name.
    """
    last = announcements_of(name).last()
    if last is not None:
        return last.answer
    revision = published_revisions(name).order_by("-at", "-pk").first()
    if revision is None:
        raise DatasetNotFoundError(name)
    return str(revision)


@consistent_read()
def signed_page(name: str, after: Cursor) -> dict[str, Any]:
    """Return a signed page: the signature is over the rest as compact JSON with sorted keys, in
    UTF-8.

    It names its dataset and cursor, so that no page passes for another.
    """
    revision = newest_revision(name)
    rows, cursor, is_last = rows_after(name, after)
    withdrawn = list(with_manifests(name).filter(is_withdrawal=True))
    content = {
        "name": name,
        "after": str(after),
        "removals": rows,
        "next": None if is_last else str(cursor),
        "cursor": str(cursor),
        "revision": revision,
        "withdrawn": [change.revision_name for change in withdrawn],
        # All revisions of a snapshot share the root, which identifies the manifest.
        "withdrawn_roots": [change.snapshot.manifest.get("merkle_root") for change in withdrawn],
    }
    return content | {
        "signature": sign_manifest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
    }


def rows_after(name: str, after: Cursor) -> tuple[list[dict[str, Any]], Cursor, bool]:
    """Return the next rows, the place of the last of them, and whether there are no more."""
    erasures = announcements_of(name).filter(is_withdrawal=False, pk__gte=after.announcement)
    announcements = list(erasures[: PAGE_ANNOUNCEMENTS + 1])
    rows: list[dict[str, Any]] = []
    for announcement in announcements[:PAGE_ANNOUNCEMENTS]:
        start = after.removal if announcement.pk == after.announcement else 0
        room = PAGE_ROWS - len(rows)
        removals = removals_in(announcement, start, room + 1)
        rows += [serialize_removal(announcement.snapshot, removal) for removal in removals[:room]]
        if removals[:room]:
            after = Cursor(announcement.pk, removals[:room][-1].pk)
        if len(removals) > room:
            return rows, after, False
    return rows, after, len(announcements) <= PAGE_ANNOUNCEMENTS


def removals_in(announcement: RemovalAnnouncement, after: int, limit: int) -> list[Removal]:
    """Return what a change took out, less what has come back since."""
    of_change = Removal.objects.signed().filter(
        snapshot=announcement.snapshot_id, revision=announcement.revision
    )
    removals = of_change.filter(pk__gt=after)
    return list(removals.order_by("pk")[:limit])
