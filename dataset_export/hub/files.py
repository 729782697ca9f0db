"""Files of a published snapshot as a Hugging Face Hub repository."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import orjson

from dataset_export.hub.revisions import ResolvedRevision
from dataset_export.models import Document, Revision, Shard, Snapshot
from dataset_export.publication.documents import REMOVALS, document
from dataset_export.publication.removals import removals_jsonl


@dataclass(frozen=True, slots=True)
class RepoFile:
    """A file by path, size in bytes and SHA-256."""

    path: str
    size: int
    sha256: str


def repo_files(state: ResolvedRevision) -> list[RepoFile]:
    """Return all files of a revision by path from its manifest, including unavailable ones."""
    manifest = Revision.objects.values_list("manifest_json", flat=True).get(
        snapshot=state.snapshot, number=state.number
    )
    shards = [
        RepoFile(entry["path"], entry["bytes"], entry["sha256"])
        for entry in orjson.loads(bytes(manifest))["shards"]
    ]
    documents = [RepoFile(each.path, each.size, each.sha256) for each in _documents_of(state)]
    return sorted([*shards, *documents], key=lambda file: file.path)


def _documents_of(state: ResolvedRevision) -> list[Document]:
    """Return the documents of a revision without their contents."""
    kept = list(
        Document.objects.filter(snapshot=state.snapshot, revision=state.number).defer("content")
    )
    if kept and all(each.path != REMOVALS for each in kept):
        kept.append(earlier_removals(state))
    return kept


def earlier_removals(state: ResolvedRevision) -> Document:
    """Return an earlier removals.jsonl, which is a prefix of the newest."""
    return document(
        state.snapshot, state.number, REMOVALS, removals_jsonl(state.snapshot, state.number)
    )


def find_file(
    snapshot: Snapshot, path: str, state: ResolvedRevision | None = None
) -> Shard | Document | None:
    """Return a file by path: of a revision, or of the newest.

    A shard may have been rewritten since (was_rewritten).
    """
    # Documents are at the root, shards are not.
    if "/" in path:
        return (
            Shard.objects.filter(snapshot=snapshot, path=path)
            .select_related("snapshot")
            .order_by("pk")
            .first()
        )
    documents = Document.objects.filter(snapshot=snapshot, path=path).select_related("snapshot")
    if state is None:
        return documents.order_by("-revision").first()
    found = documents.filter(revision=state.number).order_by("pk").first()
    return earlier_removals(state) if found is None and path == REMOVALS else found


def was_rewritten(file: Shard | Document, state: ResolvedRevision) -> bool:
    """Tell whether a file's bytes have changed because rows were removed."""
    return file.revision > state.number


def file_as_it_was(file: Shard | Document, state: ResolvedRevision) -> RepoFile:
    """Return the entry of a file that was rewritten since."""
    return next(each for each in repo_files(state) if each.path == file.path)


def entries(
    state: ResolvedRevision, files: Sequence[RepoFile], folder: str, recursive: bool
) -> list[dict[str, Any]]:
    """Return the entries of a folder ("" is the root); `recursive` includes subfolders."""
    inside = [
        *(
            folder_entry(state, path)
            for path in folders_of(files)
            if is_under(path, folder, recursive)
        ),
        *(file_entry(file) for file in files if is_under(file.path, folder, recursive)),
    ]
    return sorted(inside, key=lambda entry: str(entry["path"]))


def entries_at(
    state: ResolvedRevision, files: Sequence[RepoFile], paths: Iterable[str]
) -> list[dict[str, Any]]:
    """Return the existing entries at some paths."""
    found = {file.path: file_entry(file) for file in files}
    found |= {path: folder_entry(state, path) for path in folders_of(files)}
    return [
        found[path] for path in dict.fromkeys(path.strip("/") for path in paths) if path in found
    ]


def folders_of(files: Iterable[RepoFile]) -> set[str]:
    return {
        str(folder) for file in files for folder in PurePosixPath(file.path).parents if folder.name
    }


def is_under(path: str, folder: str, recursive: bool) -> bool:
    if folder and not path.startswith(f"{folder}/"):
        return False
    rest = path[len(folder) :].lstrip("/")
    return recursive or "/" not in rest


def file_entry(file: RepoFile) -> dict[str, Any]:
    """Describe a file as a Git LFS object, by which the Hub conveys SHA-256."""
    pointer = lfs_pointer(file)
    return {
        "type": "file",
        "path": file.path,
        "size": file.size,
        "oid": git_oid(pointer),
        "lfs": {"oid": file.sha256, "size": file.size, "pointerSize": len(pointer)},
    }


def folder_entry(state: ResolvedRevision, path: str) -> dict[str, Any]:
    digits = hashlib.sha256(f"{state.commit}:{path}".encode()).hexdigest()
    return {"type": "directory", "path": path, "size": 0, "oid": digits[: len(state.commit)]}


def siblings(files: Iterable[RepoFile], with_sizes: bool) -> Iterator[dict[str, Any]]:
    """Yield the files as a repository's siblings."""
    for file in files:
        if not with_sizes:
            yield {"rfilename": file.path}
            continue
        entry = file_entry(file)
        lfs = {"sha256": file.sha256, "size": file.size, "pointerSize": entry["lfs"]["pointerSize"]}
        yield {"rfilename": file.path, "size": file.size, "blobId": entry["oid"], "lfs": lfs}


def lfs_pointer(file: RepoFile) -> bytes:
    """Return the Git LFS pointer of a file (Git LFS, docs/spec.md)."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{file.sha256}\nsize {file.size}\n".encode()


def git_oid(content: bytes) -> str:
    """Return Git's object id, SHA-1 by design and not for security."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
