"""Context of card, description and summary: a signed manifest and site data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

_PARQUET: Final = "parquet"
POSTS_LAYOUT: Final = "posts"
UNKNOWN_LANGUAGE: Final = "und"
OTHER_LANGUAGES: Final = "others"
# Minimum posts and share for a language to be listed; with few posts the share suffices.
_MIN_LANGUAGE_POSTS: Final = 5
_MIN_LANGUAGE_SHARE: Final = 0.001
_MIN_SHARE_OF_FEW: Final = 0.01
_WITHOUT_LISTS: Final = {
    "decontaminate": "decontaminate (without a list of evaluation texts: nothing was compared)"
}


@dataclass(frozen=True, slots=True)
class DataFile:
    """A shard as the manifest names it."""

    path: str
    format: str
    split: str
    configuration: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns and unpacked bytes by split, from the Parquet files of a configuration."""

    schema: pa.Schema
    unpacked: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CardContext:
    """A published snapshot."""

    manifest: Mapping[str, Any]
    site: str
    terms: str
    owner: str
    version: str
    commit: str
    purpose_label: str
    published_at: datetime
    layouts: Mapping[str, Layout] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.manifest["name"])

    @property
    def repository(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def page(self) -> str:
        return f"{self.site}/datasets/{self.name}/"

    @property
    def posts(self) -> int:
        return int(self.manifest["counts"]["kept"])

    @property
    def posts_by_authors(self) -> str:
        authors = pluralize(self.manifest["authors"], "author", "authors")
        return f"{pluralize(self.posts, 'post', 'posts')} by {authors}"

    @property
    def languages(self) -> dict[str, int]:
        """Posts by language, most frequent first, without likely misdetections.

        Among many posts some hundred languages are guessed that nobody wrote in.
        """
        total = sum(self.manifest["languages"].values())
        known = {
            tag: posts
            for tag, posts in self.manifest["languages"].items()
            if tag != UNKNOWN_LANGUAGE
            and posts >= _MIN_LANGUAGE_SHARE * total
            and (posts >= _MIN_LANGUAGE_POSTS or posts >= _MIN_SHARE_OF_FEW * total)
        }
        return dict(sorted(known.items(), key=lambda item: (-item[1], item[0])))

    def language_rows(self, most: int) -> list[tuple[str, int]]:
        """Return a table of the top languages, unknown ones, and all others."""
        counts = self.manifest["languages"]
        shown = dict(list(self.languages.items())[:most])
        if unknown := counts.get(UNKNOWN_LANGUAGE, 0):
            shown[UNKNOWN_LANGUAGE] = unknown
        rest = sum(counts.values()) - sum(shown.values())
        rows = sorted(shown.items(), key=lambda item: (-item[1], item[0]))
        return [*rows, *([(OTHER_LANGUAGES, rest)] if rest else [])]

    @property
    def steps(self) -> list[str]:
        """The recipe's steps by name; decontamination without lists says so."""
        names = [str(step["step"]) for step in self.manifest["recipe"]["steps"]]
        return (
            names
            if self.manifest.get("evaluation_lists")
            else [_WITHOUT_LISTS.get(name, name) for name in names]
        )

    @property
    def written(self) -> str:
        """Who wrote the posts, as far as known, without a promise."""
        allowed = next(
            (
                step["allow"]
                for step in self.manifest["recipe"]["steps"]
                if step["step"] == "authorship"
            ),
            ["human"],
        )
        how = " or with the help of a program" if "assisted" in allowed else ""
        return f"By their authors' own word they wrote these posts themselves{how}; nothing else shows who did."

    @property
    def files(self) -> list[DataFile]:
        return [
            DataFile(
                path=entry["path"],
                format=entry["format"],
                split=entry["split"],
                # Manifests of format 1 have one configuration.
                configuration=entry.get("configuration", POSTS_LAYOUT),
                rows=entry["rows"],
                bytes=entry["bytes"],
                sha256=entry["sha256"],
            )
            for entry in self.manifest["shards"]
        ]

    def parquet_files(self) -> dict[str, dict[str, list[DataFile]]]:
        """Return Parquet files by configuration and split, posts and train first."""
        found: dict[str, dict[str, list[DataFile]]] = {}
        for file in sorted(self.files, key=_order):
            if file.format == _PARQUET:
                found.setdefault(file.configuration, {}).setdefault(file.split, []).append(file)
        return found


def pluralize(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {one if number == 1 else many}"


_SPLITS: Final = ("train", "validation", "test")


def _order(file: DataFile) -> tuple[bool, str, int, str]:
    place = _SPLITS.index(file.split) if file.split in _SPLITS else len(_SPLITS)
    return file.configuration != POSTS_LAYOUT, file.configuration, place, file.path
