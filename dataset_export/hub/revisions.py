"""What the names of revisions stand for: the one place that decides which state of a dataset is served.

`main` is the newest published snapshot as it is now. Each snapshot keeps its states as revisions: v3.0 as it was built,
v3.1 once rows were erased from it. Such a name is a tag that moves on: it stands for that build less what was taken
back since, which is the newest state of its snapshot, also after another one was published. A commit stands for one
state for ever, and what is served under it never changes: a file of it that held what was taken back is gone, and the
others stay.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from dataset_export.models import Document, Revision, Snapshot
from dataset_export.signing.revisions import revision_by_name, revision_name

MAIN = "main"


class RevisionNotFoundError(Exception):
    """There is no such revision of this dataset; the message says where to look instead."""


class RevisionGoneError(RevisionNotFoundError):
    """There was one, and it is not served any more."""


class RepositoryNotFoundError(Exception):
    """No snapshot of this name is published."""


@dataclass(frozen=True, slots=True)
class ResolvedRevision:
    """A state of a dataset that is served: its snapshot, its name, and the 40 digits by which clients pin it."""

    snapshot: Snapshot
    number: int
    name: str
    commit: str
    at: datetime
    # Whether it was asked for by its commit, under which no byte ever changes.
    is_pinned: bool = False


def resolve_revision(name: str, revision: str = MAIN) -> ResolvedRevision:
    """Return the state that a revision of a dataset stands for.

    Raises:
        DatasetNotFound: nothing of this name is published.
        RevisionNotFound: the name has no such revision, or none that is still served.
    """
    current = latest_revision(name)
    if current is not None and revision in (MAIN, current.name):
        return current
    found = revision_by_name(name, revision)
    served = None if found is None else served_state(found, revision)
    if served is not None:
        return to_resolved(served, is_pinned=revision == served.commit)
    if current is None:
        raise RepositoryNotFoundError(name)
    if found is None or found.snapshot.published_at is None:
        raise RevisionNotFoundError(f"{name} has no such revision; main is {current.name}.")
    raise RevisionGoneError(
        f"Revision {revision} of {name} is not served any more; main is {current.name}."
    )


def latest_revision(name: str) -> ResolvedRevision | None:
    """Return the state that main stands for."""
    main = list_revisions(name).filter(number=F("newest"), snapshot__state=Snapshot.State.PUBLISHED)
    revision = main.order_by("-snapshot__version").first()
    return None if revision is None else to_resolved(revision)


def served_state(found: Revision, asked: str) -> Revision | None:
    """Return the state that is served for one that was asked for: itself by its commit, by a name the newest."""
    served = list_revisions(found.snapshot.name).filter(
        snapshot=found.snapshot_id, snapshot__state__in=Snapshot.SERVED
    )
    is_newest = Q(number=F("newest"))
    if asked != found.commit:
        return served.filter(is_newest).first()
    documents = Document.objects.filter(snapshot=OuterRef("snapshot"), revision=OuterRef("number"))
    # One that never was public, or that is older than the keeping of documents, has none.
    return served.filter(is_newest | Exists(documents), pk=found.pk).first()


def to_resolved(revision: Revision, *, is_pinned: bool = False) -> ResolvedRevision:
    name = revision_name(revision.snapshot, revision.number)
    return ResolvedRevision(
        revision.snapshot, revision.number, name, revision.commit, revision.at, is_pinned
    )


def served_names(name: str) -> dict[str, str]:
    """Return the names that stand for states that are served, each with the commit: of a build the first and the last.

    Those in between stand for the last as well.
    """
    newest_states = list_revisions(name).filter(
        number=F("newest"), snapshot__state__in=Snapshot.SERVED
    )
    return {
        revision_name(state.snapshot, number): state.commit
        for state in newest_states.order_by("-snapshot__version")
        for number in (state.number, 0)
    }


def published_revisions(name: str) -> QuerySet[Revision]:
    """Return every state that was ever published under a name, the newest first, each with its snapshot's `newest`."""
    return (
        list_revisions(name)
        .filter(snapshot__published_at__isnull=False)
        .order_by("-snapshot__version", "-number")
    )


def list_revisions(name: str) -> QuerySet[Revision]:
    """Return the states of a name's snapshots; a request for one file doesn't carry the manifests over."""
    of_same = Revision.objects.filter(snapshot=OuterRef("snapshot")).order_by("-number")
    return (
        Revision.objects.filter(snapshot__name=name)
        .annotate(newest=Subquery(of_same.values("number")[:1]))
        .select_related("snapshot")
        .defer("manifest_json", "snapshot__manifest_json", "snapshot__pseudonym_key")
    )
