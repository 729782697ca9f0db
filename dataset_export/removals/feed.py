"""The removals of a dataset, page by page, for the programs of those who have copies."""

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
# Each costs a query; a page of many small ones is shorter. More than one, as a page begins in the one read last.
PAGE_ANNOUNCEMENTS = 50
_CURSOR = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")


class InvalidCursorError(ValueError):
    """This is no cursor that a page has named."""


class DatasetNotFoundError(Exception):
    """Nothing was ever published under this name."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row that was read: the change it went with, and its removal. Changes are in the order of their making.

    Removals alone are not: rows of two snapshots are erased side by side and signed one after the other.
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
    """Say whether a person is told what was removed: with a grant in force, or a copy from whatever time."""
    if user.is_anonymous or may_download(user, name):
        return not user.is_anonymous
    return Download.objects.filter(user=user, snapshot__name=name, status__in=SERVED).exists()


def announcements_of(name: str) -> QuerySet[RemovalAnnouncement]:
    """Return what was changed in a dataset, in the order in which it was announced."""
    return with_manifests(name).defer("snapshot__manifest_json", "snapshot__pseudonym_key")


def with_manifests(name: str) -> QuerySet[RemovalAnnouncement]:
    """Return the same with the whole snapshots."""
    return (
        RemovalAnnouncement.objects.filter(snapshot__name=name)
        .select_related("snapshot")
        .order_by("pk")
    )


def newest_revision(name: str) -> str:
    """Return what a reader of the whole feed can acknowledge: the last change; before any, the newest published.

    Raises:
        NoDataset: nothing was ever published under this name.
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
    """Return a page of the feed; its signature is over the rest as compact JSON with sorted keys, in UTF-8.

    It says of which dataset and after what it is, so that no signed page passes for another one.
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
        # The root is the same in all revisions of a snapshot: whoever has a manifest can tell whether it is meant.
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
