"""Texts for drop reasons and changes, for authors and reviewers."""

from typing import NamedTuple

from dataset_export.builds.exclusions import (
    EXCLUDED_BY_REVIEWER,
    EXCLUSION_STEP,
    REVOCATION_STEP,
    REVOKED,
)
from dataset_export.pipeline.conversation_plan import ALONE, BROKEN, TOO_LONG
from dataset_export.pipeline.recipe import (
    AUTHOR_CAP,
    CONVERSATIONS,
    EXACT_DUPLICATES,
    NEAR_DUPLICATES,
)


class _Reason(NamedTuple):
    """`label` is for statistics; `why` and `advice` are for the author of a post."""

    label: str
    why: str
    advice: str = ""


NOTHING_WRONG = "There is nothing wrong with it, and nothing that you need to do."

DROP_REASONS: dict[tuple[str, str], _Reason] = {
    ("consent", "no_consent"): _Reason(
        "No consent at the second check",
        "When your consent was looked up a second time, there was none for this post.",
        "To share it, say yes under Training; the next revision asks again.",
    ),
    ("authorship", "not_human"): _Reason(
        "Not written by a human alone",
        "The recipe takes only posts that their author marked as their own words.",
    ),
    (EXCLUSION_STEP, EXCLUDED_BY_REVIEWER): _Reason(
        "Excluded by a reviewer",
        "A person who looked the dataset through left this post, or all of yours, out of it and of later ones.",
        "It stays public, and other datasets are not touched. The people who run this site can tell you more.",
    ),
    (REVOCATION_STEP, REVOKED): _Reason(
        "Taken back while the dataset was made",
        "You took it back, or it was not public any more, before the dataset was finished; it was erased from there.",
    ),
    ("normalise", "empty"): _Reason(
        "Empty after tidying",
        "Nothing was left of its text once invisible characters and spaces were taken out.",
    ),
    ("quality", "template"): _Reason(
        "Made from a template",
        "It looks like a text that an app fills in, such as a score or a check-in.",
    ),
    ("quality", "too_many_urls"): _Reason("Mostly links", "It is made of links almost alone."),
    ("quality", "too_many_hashtags"): _Reason(
        "Mostly hashtags", "It is made of hashtags almost alone."
    ),
    ("quality", "too_many_mentions"): _Reason(
        "Mostly mentions", "It is made of names of people almost alone."
    ),
    ("quality", "symbol_noise"): _Reason(
        "Mostly symbols",
        "It is made of signs, emoji or digits almost alone, from which no language can be learned.",
    ),
    ("quality", "repetitive"): _Reason("Repetitive", "It repeats the same words or letters."),
    ("quality", "shouting"): _Reason(
        "In capitals", "It is written in capitals, and this recipe has a limit for them."
    ),
    ("decontaminate", "evaluation_text"): _Reason(
        "Holds a text that models are tested with",
        "It quotes a text by which models are tested. A model that has read it before could not be tested fairly.",
        NOTHING_WRONG,
    ),
    (EXACT_DUPLICATES, "duplicate"): _Reason(
        "The same text was there before", "An earlier post says exactly the same.", NOTHING_WRONG
    ),
    (NEAR_DUPLICATES, "near_duplicate"): _Reason(
        "Nearly the same text was there before",
        "An earlier post says nearly the same.",
        NOTHING_WRONG,
    ),
    (AUTHOR_CAP, "author_cap"): _Reason(
        "More than one author's share",
        "Of each person only so many posts are taken, the oldest first, so that nobody's voice drowns out the others.",
        NOTHING_WRONG,
    ),
    (CONVERSATIONS, BROKEN): _Reason(
        "What it answers is missing",
        "It answers a post that is not in the dataset: its author does not share it, or it was left out.",
        NOTHING_WRONG,
    ),
    (CONVERSATIONS, ALONE): _Reason(
        "No conversation",
        "The dataset holds conversations, and too few posts or people of this thread were left to make one.",
        NOTHING_WRONG,
    ),
    (CONVERSATIONS, TOO_LONG): _Reason(
        "Too far down a long thread", "Of a long thread only the beginning is taken.", NOTHING_WRONG
    ),
}

CHANGES = {
    "normalise": "invisible characters, broken letters and loose spaces were put right",
    "personal_data": "addresses, numbers and other personal data were replaced by placeholders",
    "mentions": "names of people were replaced by pseudonyms",
}


def reason_for(step: str, reason: str) -> _Reason:
    """Return the texts of a reason, or its plain name if a recipe has an unknown one."""
    plain = f"{step}: {reason}".replace("_", " ")
    return DROP_REASONS.get((step, reason)) or _Reason(plain, f"The recipe left it out ({plain}).")


def changes_in_words(steps: str) -> list[str]:
    """Return what a comma-separated list of steps did to a text."""
    return [CHANGES.get(step, f"the step {step} changed it") for step in steps.split(",") if step]
