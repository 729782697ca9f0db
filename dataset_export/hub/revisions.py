"""What the names of revisions stand for: the one place that decides which state of a data set is served."""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Func, QuerySet

from dataset_export.models import Snapshot

MAIN = "main"
COMMIT_DIGITS = 40
COMMIT = re.compile(r"[0-9a-f]{40}")
NAMED = re.compile(r"v([1-9][0-9]{0,8})\.0")


class RevisionNotFound(Exception):
    """There is no such revision of this data set; the message says where to look instead."""


class RevisionGone(RevisionNotFound):
    """There was one, and it is not served any more."""


class DatasetNotFound(Exception):
    """No snapshot of this name is published."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A state of a data set that is served: its snapshot, and the 40 digits by which clients pin it."""

    snapshot: Snapshot
    commit: str

    @property
    def name(self) -> str:
        return version_of(self.snapshot)


def version_of(snapshot: Snapshot) -> str:
    """Return the name that stands for this state for ever; what follows the dot counts rewrites after removals."""
    return f"v{snapshot.revision}.0"


def commit_of(manifest_sha256: str) -> str:
    """Return what clients take for a commit: so many digits of the hash of the manifest, which names every file."""
    return manifest_sha256[:COMMIT_DIGITS]


def resolve(name: str, revision: str = MAIN) -> Resolved:
    """Return the state that a revision of a data set stands for.

    Raises:
        DatasetNotFound: nothing of this name is published.
        RevisionNotFound: the name has no such revision, or none that is still served.
    """
    current = newest(name)
    if revision in (MAIN, current.commit, current.name):
        return current
    if existed(name, revision):
        raise RevisionGone(f"Revision {revision} of {name} is not served any more; main is {current.name}.")
    raise RevisionNotFound(f"{name} has no such revision; main is {current.name}.")


def newest(name: str) -> Resolved:
    """Return the state that main stands for."""
    snapshot = with_commit(Snapshot.objects.published().filter(name=name)).order_by("-revision").first()
    if snapshot is None:
        raise DatasetNotFound(name)
    return Resolved(snapshot, snapshot.commit)


def existed(name: str, revision: str) -> bool:
    """Say whether a revision was served once."""
    once = Snapshot.objects.filter(name=name, published_at__isnull=False)
    if named := NAMED.fullmatch(revision):
        return once.filter(revision=int(named[1])).exists()
    return bool(COMMIT.fullmatch(revision)) and with_commit(once).filter(commit=revision).exists()


def published_revisions(name: str) -> QuerySet[Any]:
    """Return what was ever published under a name, the newest first, each with its `commit`."""
    return with_commit(Snapshot.objects.filter(name=name, published_at__isnull=False)).order_by("-revision")


def with_commit(snapshots: "QuerySet[Snapshot]") -> QuerySet[Any]:
    """Let the database hash the manifests, so that a request for one file doesn't carry them over."""
    digits = Func(
        F("manifest_json"),
        template=f"LEFT(ENCODE(SHA256(%(expressions)s), 'hex'), {COMMIT_DIGITS})",
        output_field=CharField(),
    )
    return snapshots.annotate(commit=digits).defer("manifest_json", "secret")
