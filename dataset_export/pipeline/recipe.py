"""Read a recipe: data that says what happens to posts, from top to bottom."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson

from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.records import Step
from dataset_export.pipeline.steps.authorship import Authorship
from dataset_export.pipeline.steps.consent import Consent
from dataset_export.pipeline.steps.decontaminate import NGRAM_WORDS, Decontaminate, EvaluationNgrams
from dataset_export.pipeline.steps.language import LanguageStep
from dataset_export.pipeline.steps.mentions import Mentions
from dataset_export.pipeline.steps.normalize import Normalise
from dataset_export.pipeline.steps.personal_data import PersonalData
from dataset_export.pipeline.steps.quality import DEFAULT_LIMITS, ShortPostQuality, check_limits
from dataset_export.pipeline.steps.safety import SafetyLabel

_Options = Mapping[str, Any]

POSTS: Final = "posts"
CONVERSATIONS: Final = "conversations"
CONFIGURATIONS: Final = (POSTS, CONVERSATIONS)
EXACT_DUPLICATES: Final = "exact_duplicates"
NEAR_DUPLICATES: Final = "near_duplicates"
AUTHOR_CAP: Final = "author_cap"
SPLIT: Final = "split"
# These look at all posts at once, in this order, after the steps that look at one post at a time.
CORPUS_STEPS: Final = (EXACT_DUPLICATES, NEAR_DUPLICATES, AUTHOR_CAP, SPLIT)

# A shard is one task, which takes a minute at the most.
MAX_SHARD_ROWS: Final = 200_000
MEBIBYTE: Final = 1024 * 1024
MAX_SHARD_BYTES: Final = 128 * MEBIBYTE
# Of text, before it is compressed.
SHARD_BYTES: Final = 32 * MEBIBYTE

# What a machine wrote is never exported, whatever a recipe says.
_AUTHORSHIPS: Final = ("human", "assisted")

_EACH_POST: Final[list[dict[str, Any]]] = [
    {"step": "consent"},
    {"step": "authorship", "allow": ["human"]},
    {"step": "normalise"},
    {"step": "language", "minimum_confidence": 0.5},
    {"step": "personal_data"},
    {"step": "mentions"},
    {"step": "quality", "limits": DEFAULT_LIMITS},
    {"step": "safety"},
    {"step": "decontaminate", "lists": "all"},
]

PRETRAINING_DEFAULT: Final[dict[str, Any]] = {
    "steps": [
        *_EACH_POST,
        {"step": EXACT_DUPLICATES},
        {"step": NEAR_DUPLICATES},
        {"step": AUTHOR_CAP, "posts": 5_000},
        {"step": SPLIT, "test": 0.005, "validation": 0.005},
    ],
    "configurations": [POSTS],
    "shards": {"rows": 50_000, "bytes": SHARD_BYTES},
}

# Copies stay: "thank you" is said in many conversations, and each of them would have a hole without it.
CONVERSATIONS_DEFAULT: Final[dict[str, Any]] = {
    "steps": [*_EACH_POST, {"step": SPLIT, "test": 0.01, "validation": 0.01}],
    "configurations": [CONVERSATIONS],
    "conversations": {"minimum_messages": 2, "maximum_messages": 200, "minimum_authors": 2},
    "shards": {"rows": 20_000, "bytes": SHARD_BYTES},
}

DEFAULTS: Final = {
    "pretraining-default": PRETRAINING_DEFAULT,
    "conversations-default": CONVERSATIONS_DEFAULT,
}


class RecipeError(ValueError):
    """A recipe has a mistake; the message begins with its place."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}" if place else problem)
        self.place = place
        self.problem = problem


class Conversations(NamedTuple):
    """Which threads make a conversation, and how much of a long one is taken."""

    minimum_messages: int = 2
    maximum_messages: int = 200
    minimum_authors: int = 2


@dataclass(frozen=True, slots=True)
class RecipeSpec:
    """A recipe without mistakes."""

    steps: tuple[_Options, ...]
    configurations: tuple[str, ...]
    conversations: Conversations
    shard_rows: int
    shard_bytes: int
    _data: dict[str, Any]

    @classmethod
    def parse(cls, data: object) -> "RecipeSpec":
        """Return the recipe in the data; raise RecipeError with the place of the first mistake."""
        parts = _expect_keys(data, "", {"steps", "shards"}, {"configurations", "conversations"})
        configurations = _parse_configurations(parts.get("configurations", [POSTS]))
        if "conversations" in parts and CONVERSATIONS not in configurations:
            raise RecipeError(
                "conversations", "is only for a recipe with the configuration conversations"
            )
        rows, size = _parse_shards(parts["shards"])
        return cls(
            steps=_parse_steps(parts["steps"]),
            configurations=configurations,
            conversations=_parse_conversations(parts.get("conversations", {})),
            shard_rows=rows,
            shard_bytes=size,
            _data=deepcopy(parts),
        )

    @property
    def data(self) -> dict[str, Any]:
        """Return the recipe as parse() takes it."""
        return deepcopy(self._data)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the recipe's canonical JSON, in hexadecimal digits."""
        return sha256(orjson.dumps(self._data, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def options(self, name: str) -> _Options | None:
        """Return the step of this name with its options, or None where the recipe does without."""
        return next((step for step in self.steps if step["step"] == name), None)

    def has(self, name: str) -> bool:
        return self.options(name) is not None

    @property
    def shares(self) -> dict[str, float]:
        """Return the shares of the threads that are held out, by split."""
        split = self.options(SPLIT) or {}
        return {name: float(split[name]) for name in ("test", "validation") if split.get(name)}

    @property
    def evaluation_lists(self) -> str | list[str]:
        """Return the names of the lists to keep out, or "all"."""
        return (self.options("decontaminate") or {"lists": []})["lists"]

    def build(
        self, pseudonyms: Pseudonyms, lists: Sequence[EvaluationNgrams] = ()
    ) -> tuple[Step, ...]:
        """Return the steps that look at one record at a time, ready to run."""
        material = StepContext(pseudonyms, tuple(lists))
        return tuple(
            _KINDS[step["step"]].build(step, material)
            for step in self.steps
            if step["step"] not in CORPUS_STEPS
        )


class StepContext(NamedTuple):
    """What steps are made of beside their options."""

    pseudonyms: Pseudonyms
    lists: tuple[EvaluationNgrams, ...]


@dataclass(frozen=True, slots=True)
class StepSpec:
    """What a kind of step is made of: a check for each option, and how to build it."""

    checks: Mapping[str, Callable[[object], str | None]]
    build: Callable[[_Options, StepContext], Step]


def _check_share(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    return None if 0 <= value <= 1 else "must be between 0 and 1"


def _check_holdout(value: object) -> str | None:
    problem = _check_share(value)
    if problem is None and float(value) > MAX_HOLDOUT:  # type: ignore[arg-type]
        return f"must be {MAX_HOLDOUT} at the most"
    return problem


def _check_number(least: int, most: int) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return None if fits else f"must be a whole number between {least} and {most}"

    return check


def _check_authorships(value: object) -> str | None:
    if not isinstance(value, list) or not value:
        return "must be a list with at least one kind of authorship"
    if any(kind not in _AUTHORSHIPS for kind in value):
        return f"may hold {_listed(_AUTHORSHIPS)} only"
    return "names a kind twice" if len(set(value)) < len(value) else None


def _check_lists(value: object) -> str | None:
    if value == "all":
        return None
    if not isinstance(value, list) or not all(
        isinstance(name, str) and _LIST_NAME.fullmatch(name) for name in value
    ):
        return 'must be "all" or a list of names'
    return "names a list twice" if len(set(value)) < len(value) else None


def _refuse_to_build(options: _Options, material: StepContext) -> Step:
    raise TypeError(f"{options['step']} looks at all records, not at one")


MAX_HOLDOUT: Final = 0.4
_LIST_NAME: Final = re.compile("[a-z0-9][a-z0-9.-]{0,59}")

_KINDS: Final[Mapping[str, StepSpec]] = {
    "consent": StepSpec({}, lambda options, material: Consent()),
    "authorship": StepSpec(
        {"allow": _check_authorships},
        lambda options, material: Authorship(frozenset(options["allow"])),
    ),
    "normalise": StepSpec({}, lambda options, material: Normalise()),
    "language": StepSpec(
        {"minimum_confidence": _check_share},
        lambda options, material: LanguageStep(float(options["minimum_confidence"])),
    ),
    "personal_data": StepSpec({}, lambda options, material: PersonalData()),
    "mentions": StepSpec({}, lambda options, material: Mentions(material.pseudonyms)),
    "quality": StepSpec(
        {"limits": check_limits}, lambda options, material: ShortPostQuality(options["limits"])
    ),
    "safety": StepSpec({}, lambda options, material: SafetyLabel()),
    "decontaminate": StepSpec(
        {"lists": _check_lists},
        lambda options, material: Decontaminate(material.lists, NGRAM_WORDS),
    ),
    EXACT_DUPLICATES: StepSpec({}, _refuse_to_build),
    NEAR_DUPLICATES: StepSpec({}, _refuse_to_build),
    AUTHOR_CAP: StepSpec({"posts": _check_number(1, 1_000_000)}, _refuse_to_build),
    SPLIT: StepSpec({"test": _check_holdout, "validation": _check_holdout}, _refuse_to_build),
}

# What a step needs to come after it, and why.
_ORDER: Final = (
    ("normalise", "personal_data", "it would shift the recorded redactions"),
    ("normalise", "mentions", "it would shift the recorded redactions"),
    ("personal_data", "mentions", "an address such as jo@example.org would be taken for a handle"),
    ("normalise", "quality", "broken encodings would count as noise"),
)


def _parse_steps(steps: object) -> tuple[_Options, ...]:
    if not isinstance(steps, list) or not steps:
        raise RecipeError("steps", "must be a list with at least one step")
    for number, step in enumerate(steps):
        _check_step(step, f"steps[{number}]")
    for place, problem in _disorder([step["step"] for step in steps]):
        raise RecipeError(place, problem)
    return tuple(deepcopy(steps))


def _check_step(step: object, place: str) -> None:
    if not isinstance(step, dict):
        raise RecipeError(place, "must be an object")
    if "step" not in step:
        raise RecipeError(f"{place}.step", "is required")
    name = step["step"]
    if not isinstance(name, str) or name not in _KINDS:
        raise RecipeError(f"{place}.step", f"must be one of {_listed(_KINDS)}")
    checks = _KINDS[name].checks
    _expect_keys(step, place, {"step", *checks})
    for option, check in checks.items():
        if problem := check(step[option]):
            raise RecipeError(f"{place}.{option}", problem)


def _disorder(names: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the places where the order of the steps, each fine in itself, is wrong."""
    if names[0] != "consent":
        yield "steps[0].step", "must be consent: nothing happens to a post before"
    if "authorship" not in names:
        yield "steps", "must hold authorship"
    for number, name in enumerate(names):
        place = f"steps[{number}].step"
        if name in names[:number]:
            yield place, f"{name} comes twice"
        for first, second, reason in _ORDER:
            if name == first and second in names[:number]:
                yield place, f"{first} must come before {second}: {reason}"
    yield from _misplaced_corpus_steps(names)
    if "mentions" not in names:
        yield "steps", "must hold mentions: nobody's name leaves with another's words"
    if "personal_data" not in names:
        yield (
            "steps",
            "must hold personal_data: no address or number of a person leaves with a post",
        )


def _misplaced_corpus_steps(names: list[str]) -> Iterator[tuple[str, str]]:
    for number, name in enumerate(names[1:], start=1):
        before = names[number - 1]
        if before in CORPUS_STEPS and name not in CORPUS_STEPS:
            yield (
                f"steps[{number}].step",
                f"{name} must come before {before}, which compares what such steps leave",
            )
        if (
            before in CORPUS_STEPS
            and name in CORPUS_STEPS
            and CORPUS_STEPS.index(name) < CORPUS_STEPS.index(before)
        ):
            yield f"steps[{number}].step", f"{name} must come before {before}"


def _parse_configurations(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise RecipeError("configurations", "must be a list with at least one configuration")
    if any(name not in CONFIGURATIONS for name in value):
        raise RecipeError("configurations", f"may hold {_listed(CONFIGURATIONS)} only")
    if len(set(value)) < len(value):
        raise RecipeError("configurations", "names a configuration twice")
    return tuple(value)


def _parse_conversations(value: object) -> Conversations:
    parts = _expect_keys(value, "conversations", set(), set(Conversations._fields))
    check = _check_number(1, 1_000)
    for name, number in parts.items():
        if problem := check(number):
            raise RecipeError(f"conversations.{name}", problem)
    conversations = Conversations(**parts)
    if conversations.maximum_messages < conversations.minimum_messages:
        raise RecipeError("conversations.maximum_messages", "is less than the minimum")
    return conversations


def _parse_shards(shards: object) -> tuple[int, int]:
    """Return the most rows and the most bytes of text of a shard."""
    parts = {"bytes": SHARD_BYTES, **_expect_keys(shards, "shards", {"rows"}, {"bytes"})}
    for name, least, most in (("rows", 1, MAX_SHARD_ROWS), ("bytes", MEBIBYTE, MAX_SHARD_BYTES)):
        if problem := _check_number(least, most)(parts[name]):
            raise RecipeError(f"shards.{name}", problem)
    return parts["rows"], parts["bytes"]


def _expect_keys(
    data: object, place: str, keys: set[str], optional: Collection[str] = ()
) -> dict[str, Any]:
    """Return the data as an object that has these keys, perhaps optional ones, and no others."""
    if not isinstance(data, dict):
        raise RecipeError(place, "must be an object" if place else "a recipe must be an object")
    for key in data:
        if key not in keys and key not in optional:
            raise RecipeError(_at(place, key), "is not known")
    for key in sorted(keys - data.keys()):
        raise RecipeError(_at(place, key), "is required")
    return data


def _at(place: str, key: object) -> str:
    return f"{place}.{key}" if place else str(key)


def _listed(names: Mapping[str, Any] | tuple[str, ...]) -> str:
    return ", ".join(names)
