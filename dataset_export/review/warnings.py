"""Warnings about a snapshot, so that reviewers look there first."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from dataset_export.models import Snapshot
from dataset_export.pipeline.recipe import NEAR_DUPLICATES
from dataset_export.pipeline.steps.language import UNKNOWN
from dataset_export.review.statistics import previous_published

# With fewer rows or authors, shares are meaningless.
TELLING_ROWS, TELLING_AUTHORS = 100, 20
LANGUAGE_SHARE, AUTHOR_SHARE, UNKNOWN_SHARE = 0.5, 0.05, 0.2
GROWTH = 3
PERSONAL_DATA, ALIKE, AUTHOR = "personal-data", "alike", "author"


class ReviewWarning(NamedTuple):
    """`rows` names the affected rows, if the page can show them."""

    title: str
    text: str
    rows: str = ""


def warnings(snapshot: Snapshot, counted: dict[str, Any]) -> list[ReviewWarning]:
    """Return all warnings, gravest first."""
    return [
        *of_personal_data(counted["second_look"]),
        *of_splits(snapshot),
        *of_evaluation(snapshot.manifest),
        *of_languages(snapshot.manifest["languages"]),
        *of_authors(counted),
        *of_growth(snapshot),
        *of_duplicates(snapshot, counted["second_look"]),
    ]


def of_personal_data(look: dict[str, Any]) -> Iterator[ReviewWarning]:
    if look["found"]:
        kinds = ", ".join(f"{kind}: {rows:,}" for kind, rows in look["kinds"].items())
        yield ReviewWarning(
            f"What may be personal data is left in {look['found']:,} of {look['rows']:,} rows",
            f"A second, stricter look at rows drawn at random ({kinds}). It takes some harmless things for personal "
            "data, and does not know names of people.",
            PERSONAL_DATA,
        )


def of_splits(snapshot: Snapshot) -> Iterator[ReviewWarning]:
    rows = {
        split
        for splits in configurations(snapshot).values()
        for split, number in splits.items()
        if number
    }
    for split in ("train", *snapshot.recipe.steps().shares):
        if split not in rows:
            yield ReviewWarning(
                f"The split {split} is empty", "The recipe asks for it, and no row is in it."
            )


def of_evaluation(manifest: dict[str, Any]) -> Iterator[ReviewWarning]:
    if not manifest.get("evaluation_lists"):
        yield ReviewWarning(
            "No evaluation texts were blocked",
            "There was no list of them when the build began, so nothing was compared. Models trained on this may have "
            "seen what they are tested with.",
        )


def configurations(snapshot: Snapshot) -> dict[str, dict[str, int]]:
    """Return current rows of each configuration by split."""
    rows: dict[str, dict[str, int]] = {}
    for shard in snapshot.manifest["shards"]:
        if shard["format"] == "parquet":
            splits = rows.setdefault(shard["configuration"], {})
            splits[shard["split"]] = splits.get(shard["split"], 0) + shard["rows"]
    return rows


def of_languages(languages: dict[str, int]) -> Iterator[ReviewWarning]:
    total = sum(languages.values())
    if total < TELLING_ROWS:
        return
    unknown = languages.get(UNKNOWN, 0) / total
    if unknown > UNKNOWN_SHARE:
        yield ReviewWarning(
            f"The language of {unknown:.0%} of the posts is unknown",
            f"More than {UNKNOWN_SHARE:.0%} are marked {UNKNOWN}.",
        )
    known = {code: number for code, number in languages.items() if code != UNKNOWN}
    code, most = max(known.items(), key=lambda item: item[1], default=("", 0))
    if most / total > LANGUAGE_SHARE:
        yield ReviewWarning(
            f"{code} dominates", f"{most / total:.0%} of the posts are in this language."
        )


def of_authors(counted: dict[str, Any]) -> Iterator[ReviewWarning]:
    if counted["rows"] < TELLING_ROWS or not counted["most"]:
        return
    share = counted["most"]["rows"] / counted["rows"]
    if share > AUTHOR_SHARE and counted["authors"] >= TELLING_AUTHORS:
        yield ReviewWarning(
            "One author dominates",
            f"{counted['most']['rows']:,} posts, {share:.1%} of all, are by one of {counted['authors']:,} authors.",
            AUTHOR,
        )


def of_growth(snapshot: Snapshot) -> Iterator[ReviewWarning]:
    previous = previous_published(snapshot)
    if previous is None:
        return
    before, now = (each.manifest["counts"]["kept"] for each in (previous, snapshot))
    if max(before, now) < TELLING_ROWS or max(before, now) <= GROWTH * min(before, now):
        return
    yield ReviewWarning(
        "Unusual growth" if now > before else "Unusually small",
        f"{now:,} posts, where {previous} had {before:,}.",
    )


def of_duplicates(snapshot: Snapshot, look: dict[str, Any]) -> Iterator[ReviewWarning]:
    steps = {step["step"] for step in snapshot.recipe.steps().steps}
    if look["alike"] and NEAR_DUPLICATES in steps:
        yield ReviewWarning(
            "Posts alike are left",
            f"Of {look['rows']:,} rows drawn at random, {len(look['alike'])} say nearly what another says. "
            "The recipe should have left them out.",
            ALIKE,
        )


def rows_meant(counted: dict[str, Any], rows: str) -> list[int]:
    """Return the indexes of the rows that a warning is about."""
    look = counted["second_look"]
    if rows == PERSONAL_DATA:
        return list(look["numbers"])
    if rows == ALIKE:
        return sorted({number for pair in look["alike"] for number in pair})
    return []
