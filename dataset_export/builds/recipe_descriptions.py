"""Describe recipes in words, as a numbered list."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from dataset_export.builds.drop_reasons import reason_for
from dataset_export.pipeline.recipe import (
    AUTHOR_CAP,
    CONVERSATIONS,
    EXACT_DUPLICATES,
    MEBIBYTE,
    NEAR_DUPLICATES,
    POSTS,
    SPLIT,
    RecipeSpec,
)
from dataset_export.pipeline.steps.quality import QUALITY_REASONS as LIMIT_REASONS

_Options = Mapping[str, Any]


class StepWords(NamedTuple):
    """A step's title and what it does with its options."""

    name: str
    title: str
    text: str


def authorship(options: _Options) -> str:
    kinds = {"human": "people's own words", "assisted": "what was written with AI help"}
    return f"Takes {' and '.join(kinds[kind] for kind in options['allow'])}; nothing that a machine posted."


def language(options: _Options) -> str:
    least = options["minimum_confidence"]
    return f"Names the language of each post, where it is at least {least:.0%} sure; else it is unknown (und)."


def quality(options: _Options) -> str:
    limits = [
        limit_in_words(signal, limit)
        for signal, limit in options["limits"].items()
        if limit is not True
    ]
    dropped = f" Leaves out what is {', '.join(limits)}." if limits else " Leaves nothing out."
    return f"Measures links, tags, names, symbols, capitals and repetition.{dropped}"


def limit_in_words(signal: str, limit: float | bool) -> str:
    label = reason_for("quality", LIMIT_REASONS.get(signal, signal)).label.lower()
    return label if isinstance(limit, bool) else f"{label} (over {limit:.0%})"


def decontaminate(options: _Options) -> str:
    lists = options["lists"]
    if not lists:
        return "Names no list of evaluation texts, and so leaves nothing out."
    which = "any list that is here when a build begins" if lists == "all" else ", ".join(lists)
    return f"Leaves out posts that quote evaluation texts: {which}. Without a list, nothing is compared."


def author_cap(options: _Options) -> str:
    return f"Takes {options['posts']:,} posts of each author at the most, the oldest first."


def split(options: _Options) -> str:
    shares = f"{options['test']:.2%} of the threads for tests, {options['validation']:.2%} for validation"
    return f"Holds out whole threads: {shares}; the rest is for training."


STEP_DESCRIPTIONS: dict[str, tuple[str, str | Callable[[_Options], str]]] = {
    "consent": (
        "Consent",
        "Asks a second time whether each post rests on a decision in the ledger.",
    ),
    "authorship": ("Authorship", authorship),
    "normalise": (
        "Tidy the text",
        "Repairs letters broken by a wrong encoding and undoes escaped HTML, where the whole text shows it; takes out "
        "invisible characters and loose spaces. Indentation stays.",
    ),
    "language": ("Language", language),
    "personal_data": (
        "Personal data",
        "Puts placeholders such as <email> or <phone> in place of addresses and numbers of people.",
    ),
    "mentions": (
        "Mentions",
        "Puts pseudonyms in place of the names of people, the same one throughout the dataset.",
    ),
    "quality": ("Quality", quality),
    "safety": ("Safety label", "Labels strong language. Leaves nothing out."),
    "decontaminate": ("Evaluation texts", decontaminate),
    EXACT_DUPLICATES: ("Equal posts", "Keeps the first of posts that say exactly the same."),
    NEAR_DUPLICATES: ("Posts alike", "Keeps the first of posts that say nearly the same."),
    AUTHOR_CAP: ("Author cap", author_cap),
    SPLIT: ("Splits", split),
}


def steps_in_words(recipe: RecipeSpec) -> list[StepWords]:
    """Return descriptions of a recipe's steps, in order."""
    return [describe_step(options) for options in recipe.steps]


def describe_step(options: _Options) -> StepWords:
    name = options["step"]
    title, text = STEP_DESCRIPTIONS[name]
    return StepWords(name, title, text if isinstance(text, str) else text(options))


def describe_output(recipe: RecipeSpec) -> list[str]:
    """Return what a recipe writes after all steps."""
    lines = []
    if POSTS in recipe.configurations:
        lines.append("Posts: one row for each post.")
    if CONVERSATIONS in recipe.configurations:
        rules = recipe.conversations
        lines.append(
            f"Conversations: one row for each thread with {rules.minimum_messages} to {rules.maximum_messages} "
            f"messages of at least {rules.minimum_authors} people."
        )
    size = recipe.shard_bytes // MEBIBYTE
    return [*lines, f"Files of at most {recipe.shard_rows:,} rows or {size:,} MiB of text each."]
