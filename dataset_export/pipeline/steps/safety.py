"""Label what a post's words are known for, and leave judging to those who use the label."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

from dataset_export.pipeline.records import Record, Safety

# The distribution whose lists are read; its version belongs in the manifest.
LEXICON: Final = "safetype"

NONE: Final = "none"
UNKNOWN: Final = "unknown"

# The gravest first: a post gets one label.
SAFETY_LABELS: Final = ("hate", "harassment", "sexual", "profanity")

# Steps of 1/256 are exact in 32 bits: Parquet, JSON and the hash of the row see the same number.
_STEPS = 256

_SEVERITIES: Final[Mapping[str, float]] = {
    "low": 0.25,
    "medium": 0.5,
    "high": 0.75,
    "critical": 1.0,
}

# Which lists a language is read with. What is too short to have a language is English more often than anything else,
# and Hindi is written in Latin letters as often as not.
_LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    **{language: (language,) for language in ("de", "es", "fr", "pt")},
    **dict.fromkeys(("en", "pcm", "und", ""), ("en", "hi-latn")),
    "hi": ("hi", "hi-latn"),
}


@dataclass(frozen=True, slots=True)
class SafetyLabel:
    """Set label and score by lists of words and phrases (the package safetype); never drop or change a post.

    The label is hate, harassment, sexual or profanity, none without a listed word, unknown without a list for the
    language: there are lists for English, German, Spanish, French, Portuguese and Hindi. The score is the list's
    confidence in a match times its severity (low 0.25, medium 0.5, high 0.75, critical 1).
    It is about words, not intent: quoting, reporting, reclaiming and joking carry the label as insulting does, and
    contempt in polite words carries none. Words disguised by digits, stars or spaces are not seen. Dialects in which a
    listed word is everyday speech are labelled more often than others: don't filter on the label without looking.
    """

    name: ClassVar[str] = "safety"

    def __call__(self, record: Record) -> Record:
        return record.with_safety(label(record.text, record.language))


def label(text: str, language: str) -> Safety:
    """Return the gravest label of a text in a language."""
    lists = _LISTS.get(language.partition("-")[0])
    return _lexicon(lists).label(text) if lists else _UNKNOWN


_UNKNOWN = Safety(UNKNOWN, 0.0)
_NONE = Safety(NONE, 0.0)


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    safety: Safety


class _Lexicon(NamedTuple):
    """One pattern that finds a telling word of each rule, and by that word, its letters once each, the rules to ask.

    Most posts have no such word, and the others have to be held against a few rules only.
    """

    hint: re.Pattern[str]
    rules: Mapping[str, tuple[_Rule, ...]]

    def label(self, text: str) -> Safety:
        folded = _fold(text)
        words = set(self.hint.findall(folded))
        rules = {rule for word in words for rule in self.rules[_once(word)]}
        found = (rule.safety for rule in rules if rule.pattern.search(folded))
        return min(found, key=_severity, default=_NONE)


def _severity(safety: Safety) -> tuple[int, float]:
    return SAFETY_LABELS.index(safety.label), -safety.score


@cache
def _lexicon(lists: tuple[str, ...]) -> _Lexicon:
    contents = [_read(name) for name in lists]
    allowed = _any(_spelled(word) for content in contents for word in content["allowList"])
    words: set[tuple[str, ...]] = set()
    rules: dict[str, list[_Rule]] = {}
    for entry in (entry for content in contents for entry in content["rules"]):
        rule = _Rule(re.compile(_phrase(entry["pattern"], allowed)), _score(entry))
        for word in _matches(entry["pattern"]):
            words.add(_runs(word))
            rules.setdefault(_once(word), []).append(rule)
    return _Lexicon(
        re.compile(rf"(?<![{_WORD}@]){_tree(words)}"),
        {
            word: tuple(
                chain.from_iterable(rules[other] for other in rules if other.startswith(word))
            )
            for word in rules
        },
    )


def _read(name: str) -> dict[str, Any]:
    """Read a list as data: the package's own code is never run."""
    path = distribution(LEXICON).locate_file(f"{LEXICON}/data/{name}.json")
    content: dict[str, Any] = json.loads(Path(str(path)).read_bytes())
    return content


def _score(entry: Mapping[str, Any]) -> Safety:
    score = entry.get("confidence", 1.0) * _SEVERITIES[entry["severity"]]
    return Safety(entry["category"], round(score * _STEPS) / _STEPS)


def _phrase(pattern: str, allowed: str) -> str:
    """Return the expression for a pattern of the lists: words, "(a|b)" for one of them, "a*" for a beginning, "a?" for
    a word that may be missing.
    """
    first, *rest = pattern.split()
    return rf"(?<![{_WORD}@])(?!{allowed}{_END}){_any(_words(first))}" + "".join(
        rf"(?:{_GAP}{_any(_words(element))}){'?' if element.endswith('?') else ''}"
        for element in rest
    )


def _matches(pattern: str) -> list[str]:
    """Return the words of the element that says most about a pattern: the one without short words."""
    elements = [
        element.strip("()").replace("*", "").split("|")
        for element in pattern.split()
        if element[-1] != "?"
    ]
    words = max(
        elements, key=lambda words: (min(map(len, words)), sum(map(len, words)) / len(words))
    )
    return [_fold(word) for word in words]


def _words(element: str) -> list[str]:
    words = element.removesuffix("?").strip("()").split("|")
    return [
        _spelled(word.removesuffix("*")) + ("" if word.endswith("*") else _END) for word in words
    ]


def _spelled(word: str) -> str:
    """Return the expression for a word whose letters may be drawn out."""
    return "".join(map(_drawn_out, _runs(_fold(word))))


def _drawn_out(run: str) -> str:
    return f"{re.escape(run)}{re.escape(run[0])}*"


def _runs(word: str) -> tuple[str, ...]:
    return tuple("".join(run) for _, run in groupby(word))


def _once(word: str) -> str:
    """Return the word with each run of a letter as one."""
    return "".join(letter for letter, _ in groupby(word))


def _tree(words: Iterable[tuple[str, ...]]) -> str:
    """Return the expression for the beginning of any word, run by run: each letter of a text is tried once.

    Where a word begins with another one, the shorter is found.
    """
    branches = {
        run: [word[1:] for word in some] for run, some in groupby(sorted(words), itemgetter(0))
    }
    return f"(?:{'|'.join(_drawn_out(run) + ('' if () in rest else _tree(rest)) for run, rest in branches.items())})"


def _any(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(words))})"


def _fold(text: str) -> str:
    """Return the text as the lists spell: without case, accents and links."""
    if "://" in text:
        text = _LINK.sub(" ", text)
    if text.isascii():
        return text.lower()
    return _ACCENT.sub("", unicodedata.normalize("NFKD", text.casefold())).replace(
        "\u0901", "\u0902"
    )


_LINK = re.compile(r"https?://\S+")
_ACCENT = re.compile("[\u0300-\u036f]+")
# Letters, and the marks of Indic scripts, which `\w` leaves out.
_WORD = r"\w\u0900-\u0dff"
_END = f"(?![{_WORD}])"
_GAP = f"[^{_WORD}]{{1,3}}"
