"""The files of a published snapshot as a repository of the Hugging Face Hub shows them."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from dataset_export.hub.revisions import Resolved
from dataset_export.models import Document, Shard, Snapshot


@dataclass(frozen=True, slots=True)
class RepoFile:
    """A file by its path, size in bytes and SHA-256."""

    path: str
    size: int
    sha256: str


def repo_files(snapshot: Snapshot) -> list[RepoFile]:
    """Return all files of a snapshot, by path; their bytes stay where they are."""
    columns = ("path", "size", "sha256")
    shards = Shard.objects.filter(snapshot=snapshot).values_list(*columns)
    documents = Document.objects.filter(snapshot=snapshot).values_list(*columns)
    return sorted((RepoFile(*values) for values in (*shards, *documents)), key=lambda file: file.path)


def find_file(snapshot: Snapshot, path: str) -> Shard | Document | None:
    """Return a file of a snapshot by its path."""
    document = Document.objects.filter(snapshot=snapshot, path=path).select_related("snapshot").first()
    return document or Shard.objects.filter(snapshot=snapshot, path=path).select_related("snapshot").first()


def entries(resolved: Resolved, folder: str, recursive: bool) -> list[dict[str, Any]]:
    """Return what is in a folder, "" being the root; with `recursive`, what is in its folders too."""
    files = repo_files(resolved.snapshot)
    inside = [
        *(folder_entry(resolved, path) for path in folders_of(files) if is_in(path, folder, recursive)),
        *(file_entry(file) for file in files if is_in(file.path, folder, recursive)),
    ]
    return sorted(inside, key=lambda entry: str(entry["path"]))


def entries_at(resolved: Resolved, paths: Iterable[str]) -> list[dict[str, Any]]:
    """Return the entries at some paths; what isn't there is left out."""
    files = repo_files(resolved.snapshot)
    found = {file.path: file_entry(file) for file in files}
    found |= {path: folder_entry(resolved, path) for path in folders_of(files)}
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


def folder_entry(resolved: Resolved, path: str) -> dict[str, Any]:
    digits = hashlib.sha256(f"{resolved.commit}:{path}".encode()).hexdigest()
    return {"type": "directory", "path": path, "size": 0, "oid": digits[: len(resolved.commit)]}


def siblings(resolved: Resolved, with_sizes: bool) -> Iterator[dict[str, Any]]:
    """Yield the files in the form in which the description of a repository lists them."""
    for file in repo_files(resolved.snapshot):
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
