"""How often the language of a real post is named right, left open, or named wrong.

The posts are in ../shared/data/language beside the checkout; without them there is nothing to measure. A language that
covers the wanted one (Arabic for Moroccan Arabic) is right. The limits are a compass, not a promise: a good part of the
posts mixes languages, and the datasets call Hindi and Nigerian Pidgin what is English in places.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.place import say
from dataset_export.pipeline.steps.language import UNKNOWN, identify

POSTS = Path(__file__).resolve().parents[2] / "shared/data/language/dev.jsonl"
COVERED = {"arq": "ar", "ary": "ar", "tw": "ak"}
MINIMUM_CONFIDENCE = 0.5
# Shares of all posts, with no tag by the author and with the right one.
RIGHT, WRONG = 0.78, 0.09
TAGGED_RIGHT, TAGGED_WRONG = 0.93, 0.04

Outcomes = dict[str, Counter[str]]


def measure(folder: Path) -> Iterator[Figure]:
    """Name the language of each post twice, without a tag and with the author's own."""
    if not POSTS.exists():
        say("no real posts in ../shared/data/language: no figures of languages")
        return
    lines = POSTS.read_text(encoding="utf-8").split("\n")
    posts = [(post["lang"], post["text"]) for post in map(json.loads, filter(None, lines))]
    identify("the models are loaded once")
    alone = outcomes(posts, tagged=False)
    yield Figure("language_right", share_of(alone, "right"), "share", RIGHT)
    yield Figure("language_wrong", share_of(alone, "wrong"), "share", WRONG)
    tagged = outcomes(posts, tagged=True)
    yield Figure("language_tagged_right", share_of(tagged, "right"), "share", TAGGED_RIGHT)
    yield Figure("language_tagged_wrong", share_of(tagged, "wrong"), "share", TAGGED_WRONG)


def outcomes(posts: list[tuple[str, str]], tagged: bool) -> Outcomes:
    """Return what became of the posts, by their language."""
    began = time.process_time()
    found = [identify(text, language if tagged else "") for language, text in posts]
    cost = 1e6 * (time.process_time() - began) / len(posts)
    table: Outcomes = defaultdict(Counter)
    for (language, _), (guess, confidence) in zip(posts, found, strict=True):
        sure = confidence is not None and confidence >= MINIMUM_CONFIDENCE
        table[language][outcome(language, guess if sure else UNKNOWN)] += 1
    say(
        f"{len(posts):,} posts {'with' if tagged else 'without'} the author's tag: {cost:.1f} µs each"
    )
    for language in sorted(table):
        say(row_of(language, table[language]))
    return table


def outcome(language: str, guess: str) -> str:
    if guess in (language, COVERED.get(language)):
        return "right"
    return "open" if guess == UNKNOWN else "wrong"


def row_of(language: str, counts: Counter[str]) -> str:
    shares = (f"{kind} {counts[kind] / counts.total():6.1%}" for kind in ("right", "open", "wrong"))
    return f"{language:4}{counts.total():5}  {'  '.join(shares)}"


def share_of(table: Outcomes, kind: str) -> float:
    return sum(counts[kind] for counts in table.values()) / sum(
        counts.total() for counts in table.values()
    )
