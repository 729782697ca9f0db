"""The files of a published snapshot as a repository of the Hugging Face Hub shows them."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.db.models import Exists, QuerySet

from dataset_export.hub.revisions import Resolved
from dataset_export.models import Document, Revision, Shard, Snapshot


@dataclass(frozen=True, slots=True)
class RepoFile:
    """A file by its path, size in bytes and SHA-256."""

    path: str
    size: int
    sha256: str


def repo_files(state: Resolved) -> list[RepoFile]:
    """Return all files of a state, by path; none once rows were erased from it and they are not its files any more."""
    columns = ("path", "size", "sha256")
    shards, documents = (
        of_state(model.objects.filter(snapshot=state.snapshot), state).values_list(*columns)
        for model in (Shard, Document)
    )
    return [RepoFile(*values) for values in shards.union(documents).order_by("path")]


def find_file(snapshot: Snapshot, path: str, state: Resolved | None = None) -> Shard | Document | None:
    """Return a file of a snapshot by its path; of a state only as long as it is the newest."""
    # Documents are at the root, and shards are not.
    model = Shard if "/" in path else Document
    files = model.objects.filter(snapshot=snapshot, path=path).select_related("snapshot")
    return (of_state(files, state) if state else files).order_by("pk").first()


def of_state(files: QuerySet[Any], state: Resolved) -> QuerySet[Any]:
    """Ask in the same query whether the state is still there: its files may have got other bytes since it was found."""
    return files.filter(~Exists(Revision.objects.filter(snapshot=state.snapshot, number__gt=state.number)))


def entries(state: Resolved, files: Sequence[RepoFile], folder: str, recursive: bool) -> list[dict[str, Any]]:
    """Return what is in a folder, "" being the root; with `recursive`, what is in its folders too."""
    inside = [
        *(folder_entry(state, path) for path in folders_of(files) if is_in(path, folder, recursive)),
        *(file_entry(file) for file in files if is_in(file.path, folder, recursive)),
    ]
    return sorted(inside, key=lambda entry: str(entry["path"]))


def entries_at(state: Resolved, files: Sequence[RepoFile], paths: Iterable[str]) -> list[dict[str, Any]]:
    """Return the entries at some paths; what isn't there is left out."""
    found = {file.path: file_entry(file) for file in files}
    found |= {path: folder_entry(state, path) for path in folders_of(files)}
    return [found[path] for path in dict.fromkeys(path.strip("/") for path in paths) if path in found]


def folders_of(files: Iterable[RepoFile]) -> set[str]:
    return {str(folder) for file in files for folder in PurePosixPath(file.path).parents if folder.name}


def is_in(path: str, folder: str, recursive: bool) -> bool:
    if folder and not path.startswith(f"{folder}/"):
        return False
    rest = path[len(folder) :].lstrip("/")
    return recursive or "/" not in rest


def file_entry(file: RepoFile) -> dict[str, Any]:
    """Describe a file as one kept in Git LFS, which is how the Hub tells clients its SHA-256."""
    pointer = lfs_pointer(file)
    return {
        "type": "file",
        "path": file.path,
        "size": file.size,
        "oid": git_oid(pointer),
        "lfs": {"oid": file.sha256, "size": file.size, "pointerSize": len(pointer)},
    }


def folder_entry(state: Resolved, path: str) -> dict[str, Any]:
    digits = hashlib.sha256(f"{state.commit}:{path}".encode()).hexdigest()
    return {"type": "directory", "path": path, "size": 0, "oid": digits[: len(state.commit)]}


def siblings(files: Iterable[RepoFile], with_sizes: bool) -> Iterator[dict[str, Any]]:
    """Yield the files in the form in which the description of a repository lists them."""
    for file in files:
        if not with_sizes:
            yield {"rfilename": file.path}
            continue
        entry = file_entry(file)
        lfs = {"sha256": file.sha256, "size": file.size, "pointerSize": entry["lfs"]["pointerSize"]}
        yield {"rfilename": file.path, "size": file.size, "blobId": entry["oid"], "lfs": lfs}


def lfs_pointer(file: RepoFile) -> bytes:
    """Return the text that stands for a file in Git (Git LFS, docs/spec.md)."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{file.sha256}\nsize {file.size}\n".encode()


def git_oid(content: bytes) -> str:
    """Return the name under which Git keeps the content: SHA-1 by its design, no matter of safety here."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
