"""How much personal data the step finds, how much of what it finds is personal data, and how long it takes.

A labelled stretch counts as found when something of the same kind overlaps it; a finding is right when it overlaps a
labelled stretch of its kind. Recall and precision are over the structured kinds. Names of people, which the step does
not look for, and street addresses, which it takes only when sure, are counted apart. A plain web address is labelled in
the set, yet is not personal data in our sense; dates, towns, ages and the like are not looked for either. A finding
there is wrong.
"""

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from benchmarks.figures import Figure
from benchmarks.personal_data_examples import Example, Span, made_up
from benchmarks.place import say
from dataset_export.pipeline.records import Record
from dataset_export.pipeline.steps.language import LanguageStep
from dataset_export.pipeline.steps.personal_data import PersonalData, find_personal_data

SHARED = Path(__file__).resolve().parents[2] / "shared/data"
LABELLED = SHARED / "personal-data/dev.jsonl"
POSTS = SHARED / "posts.jsonl.gz"

STRUCTURED = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "US_SSN": "national_id",
    "US_DRIVER_LICENSE": "national_id",
    "IP_ADDRESS": "ip",
    "URL_WITH_KEY": "url",
}
KINDS = {**STRUCTURED, "STREET_ADDRESS": "address", "PERSON": "name"}

RECALL, PRECISION = 0.98, 0.95
# Not a promise: all of them would be 1.
APART = 1.0
SPEED = 8.0
ROUNDS = 3


def measure(folder: Path) -> Iterator[Figure]:
    """Count over the labelled set where there is one, else over made-up examples."""
    labelled = LABELLED.exists()
    examples = read(LABELLED) if labelled else made_up()
    say(
        f"{len(examples)} {'labelled texts' if labelled else 'made-up examples, as the labelled set is not here'}"
    )
    tally = Tally(examples)
    for line in tally.table():
        say(line)
    structured = set(STRUCTURED.values())
    yield Figure("personal_data_recall", tally.recall(structured), "share", RECALL)
    yield Figure("personal_data_precision", tally.precision(structured), "share", PRECISION)
    yield Figure("personal_data_names_recall", tally.recall({"name"}), "share", APART)
    yield Figure("personal_data_address_recall", tally.recall({"address"}), "share", APART)
    texts = real_posts() if POSTS.exists() else [example.text for example in examples]
    say(
        f"{'real posts' if POSTS.exists() else 'the examples'}: {microseconds(texts):.1f} µs each, {SPEED:.0f} wanted"
    )


def read(path: Path) -> list[Example]:
    lines = path.read_text(encoding="utf-8").split("\n")
    return [
        Example(
            line["text"],
            [Span(span["label"], span["start"], span["end"]) for span in line["spans"]],
        )
        for line in map(json.loads, filter(None, lines))
    ]


class Tally:
    """What was to be found and what was, by kind."""

    def __init__(self, examples: Iterable[Example]) -> None:
        self.wanted: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.claimed: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        for example in examples:
            self._add(example)

    def _add(self, example: Example) -> None:
        language = LanguageStep(0.5)(as_record(example.text)).language
        gold = [Span(KINDS[span.label], *span[1:]) for span in example.spans if span.label in KINDS]
        ours = [Span(*found) for found in find_personal_data(example.text, language)]
        for span in gold:
            self.wanted[span.label] += 1
            self.found[span.label] += meets(span, ours)
        for span in ours:
            self.claimed[span.label] += 1
            self.right[span.label] += meets(span, gold)

    def recall(self, kinds: set[str]) -> float:
        return share(total(self.found, kinds), total(self.wanted, kinds))

    def precision(self, kinds: set[str]) -> float:
        return share(total(self.right, kinds), total(self.claimed, kinds))

    def table(self) -> Iterator[str]:
        for kind in sorted(self.wanted | self.claimed):
            yield (
                f"{kind:12} found {self.found[kind]} of {self.wanted[kind]}, "
                f"right {self.right[kind]} of {self.claimed[kind]}"
            )


def meets(span: Span, others: list[Span]) -> bool:
    """Tell whether another stretch of the same kind overlaps it."""
    return any(
        span.label == other.label and span.start < other.end and other.start < span.end
        for other in others
    )


def total(counts: Counter[str], kinds: set[str]) -> int:
    return sum(counts[kind] for kind in kinds)


def share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def real_posts() -> list[str]:
    with gzip.open(POSTS, "rt", encoding="utf-8") as lines:
        return [json.loads(line)["text"] for line in lines]


def microseconds(texts: list[str]) -> float:
    """Return how long the step takes for a post, on average: the best of some rounds, as other programs run too."""
    step, identify = PersonalData(), LanguageStep(0.5)
    records = [identify(as_record(text)) for text in texts]
    return 1e6 * min(seconds(step, records) for _ in range(ROUNDS)) / len(records)


def seconds(step: PersonalData, records: list[Record]) -> float:
    began = time.process_time()
    for record in records:
        step(record)
    return time.process_time() - began


def as_record(text: str) -> Record:
    return Record(
        1, text, "", None, datetime(2026, 1, 1, tzinfo=UTC), UUID(int=1), 1, None, "human", 1, ""
    )
