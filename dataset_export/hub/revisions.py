"""What the names of revisions stand for: the one place that decides which state of a data set is served.

`main` is the newest published snapshot as it is now. Each snapshot keeps its states as revisions: v3.0 as it was built,
v3.1 once rows were erased from it. The newest state of a snapshot stays to be had under its name and its commit, also
after another snapshot was published; an older one held what was taken back, and is gone.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery

from dataset_export.erasure.revisions import revision_by_name, revision_name
from dataset_export.models import Revision, Snapshot

MAIN = "main"


class RevisionNotFound(Exception):
    """There is no such revision of this data set; the message says where to look instead."""


class RevisionGone(RevisionNotFound):
    """There was one, and it is not served any more."""


class DatasetNotFound(Exception):
    """No snapshot of this name is published."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A state of a data set that is served: its snapshot, its name, and the 40 digits by which clients pin it."""

    snapshot: Snapshot
    number: int
    name: str
    commit: str
    at: datetime


def resolve(name: str, revision: str = MAIN) -> Resolved:
    """Return the state that a revision of a data set stands for.

    Raises:
        DatasetNotFound: nothing of this name is published.
        RevisionNotFound: the name has no such revision, or none that is still served.
    """
    current = newest(name)
    if current is not None and revision in (MAIN, current.commit, current.name):
        return current
    found = revision_by_name(name, revision)
    if found is not None and is_served(found):
        return resolved(found)
    if current is None:
        raise DatasetNotFound(name)
    if found is None or found.snapshot.published_at is None:
        raise RevisionNotFound(f"{name} has no such revision; main is {current.name}.")
    raise RevisionGone(f"Revision {revision} of {name} is not served any more; main is {current.name}.")


def newest(name: str) -> Resolved | None:
    """Return the state that main stands for."""
    main = states(name).filter(number=F("newest"), snapshot__state=Snapshot.State.PUBLISHED)
    revision = main.order_by("-snapshot__revision").first()
    return None if revision is None else resolved(revision)


def is_served(revision: Revision) -> bool:
    """Say whether a state is the newest of a snapshot that is handed out."""
    name = revision.snapshot.name
    return states(name).filter(pk=revision.pk, number=F("newest"), snapshot__state__in=Snapshot.SERVED).exists()


def resolved(revision: Revision) -> Resolved:
    name = revision_name(revision.snapshot, revision.number)
    return Resolved(revision.snapshot, revision.number, name, revision.commit, revision.at)


def published_revisions(name: str) -> QuerySet[Revision]:
    """Return every state that was ever published under a name, the newest first, each with its snapshot's `newest`."""
    return states(name).filter(snapshot__published_at__isnull=False).order_by("-snapshot__revision", "-number")


def states(name: str) -> QuerySet[Revision]:
    """Return the states of a name's snapshots; a request for one file doesn't carry the manifests over."""
    of_same = Revision.objects.filter(snapshot=OuterRef("snapshot")).order_by("-number")
    return (
        Revision.objects.filter(snapshot__name=name)
        .annotate(newest=Subquery(of_same.values("number")[:1]))
        .select_related("snapshot")
        .defer("manifest_json", "snapshot__manifest_json", "snapshot__secret")
    )
