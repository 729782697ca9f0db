"""Resolves revision names: the one place that decides which state is served.

`main` is the newest published snapshot. Each snapshot has revisions: v3.0 as built, v3.1 after an
erasure. Such a name is a moving tag: it resolves to the newest state of its build, also after
another build was published. A commit is fixed: its bytes never change, and files that contained
removed rows are gone from it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from dataset_export.models import Document, Revision, Snapshot
from dataset_export.signing.revisions import revision_by_name, revision_name

MAIN = "main"


class RevisionNotFoundError(Exception):
    """No such revision; the message says where to look."""


class RevisionGoneError(RevisionNotFoundError):
    """The revision existed and is no longer served."""


class RepositoryNotFoundError(Exception):
    """No snapshot of this name is published."""


@dataclass(frozen=True, slots=True)
class ResolvedRevision:
    """A served revision: its snapshot, name and 40-digit commit."""

    snapshot: Snapshot
    number: int
    name: str
    commit: str
    at: datetime
    # Whether it was requested by commit, under which bytes never change.
    is_pinned: bool = False


def resolve_revision(name: str, revision: str = MAIN) -> ResolvedRevision:
    """Resolve a revision of a dataset.

    Raises:
        RepositoryNotFoundError: nothing of this name is published. RevisionNotFoundError: no such
        revision, or it is no longer served.
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
    """Return the revision of main."""
    main = list_revisions(name).filter(number=F("newest"), snapshot__state=Snapshot.State.PUBLISHED)
    revision = main.order_by("-snapshot__version").first()
    return None if revision is None else to_resolved(revision)


def served_state(found: Revision, asked: str) -> Revision | None:
    """Return the revision served for a request: itself by commit, the newest by name."""
    served = list_revisions(found.snapshot.name).filter(
        snapshot=found.snapshot_id, snapshot__state__in=Snapshot.SERVED
    )
    is_newest = Q(number=F("newest"))
    if asked != found.commit:
        return served.filter(is_newest).first()
    documents = Document.objects.filter(snapshot=OuterRef("snapshot"), revision=OuterRef("number"))
    # Never published, or older than stored documents.
    return served.filter(is_newest | Exists(documents), pk=found.pk).first()


def to_resolved(revision: Revision, *, is_pinned: bool = False) -> ResolvedRevision:
    name = revision_name(revision.snapshot, revision.number)
    return ResolvedRevision(
        revision.snapshot, revision.number, name, revision.commit, revision.at, is_pinned
    )


def served_names(name: str) -> dict[str, str]:
    """Return the names of served revisions with commits: the first and last of each build.

    Those between resolve to the last as well.
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
    """Return every published revision of a name, newest first."""
    return (
        list_revisions(name)
        .filter(snapshot__published_at__isnull=False)
        .order_by("-snapshot__version", "-number")
    )


def list_revisions(name: str) -> QuerySet[Revision]:
    """List the revisions of a name's snapshots without their manifests."""
    of_same = Revision.objects.filter(snapshot=OuterRef("snapshot")).order_by("-number")
    return (
        Revision.objects.filter(snapshot__name=name)
        .annotate(newest=Subquery(of_same.values("number")[:1]))
        .select_related("snapshot")
        .defer("manifest_json", "snapshot__manifest_json", "snapshot__pseudonym_key")
    )
