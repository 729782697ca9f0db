"""Read a recipe: data that says what happens to posts, from top to bottom."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import orjson

from dataset_export.pipeline.pseudonyms import Pseudonyms
from dataset_export.pipeline.records import Step
from dataset_export.pipeline.steps.authorship import Authorship
from dataset_export.pipeline.steps.consent import Consent
from dataset_export.pipeline.steps.language import Language
from dataset_export.pipeline.steps.mentions import Mentions
from dataset_export.pipeline.steps.normalise import Normalise

Options = Mapping[str, Any]

EXACT_DUPLICATES: Final = "exact_duplicates"
MAX_SHARD_ROWS: Final = 1_000_000

# What a machine wrote is never exported, whatever a recipe says.
_AUTHORSHIPS: Final = ("human", "assisted")

DEFAULT: Final[dict[str, Any]] = {
    "steps": [
        {"step": "consent"},
        {"step": "authorship", "allow": ["human"]},
        {"step": "normalise"},
        {"step": "language", "minimum_confidence": 0.5},
        {"step": "mentions"},
        {"step": EXACT_DUPLICATES},
    ],
    "shards": {"rows": 50_000},
}


class RecipeError(ValueError):
    """A recipe has a mistake; the message begins with its place."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}" if place else problem)
        self.place = place
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe without mistakes."""

    steps: tuple[Options, ...]
    shard_rows: int

    @classmethod
    def parse(cls, data: object) -> "Recipe":
        """Return the recipe in the data; raise RecipeError with the place of the first mistake."""
        parts = _expect_keys(data, "", {"steps", "shards"})
        return cls(steps=_parse_steps(parts["steps"]), shard_rows=_parse_shards(parts["shards"]))

    @property
    def data(self) -> dict[str, Any]:
        """Return the recipe as parse() takes it."""
        return {"steps": deepcopy(list(self.steps)), "shards": {"rows": self.shard_rows}}

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the recipe's canonical JSON, in hexadecimal digits."""
        return sha256(orjson.dumps(self.data, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def removes_exact_duplicates(self) -> bool:
        """Tell whether of equal texts only the earliest stays, which is found over all posts at once."""
        return any(step["step"] == EXACT_DUPLICATES for step in self.steps)

    def build(self, pseudonyms: Pseudonyms) -> tuple[Step, ...]:
        """Return the steps that look at one record at a time, ready to run."""
        return tuple(
            _KINDS[step["step"]].build(step, pseudonyms) for step in self.steps if step["step"] != EXACT_DUPLICATES
        )


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a kind of step is made of: a check for each option, and how to build it."""

    checks: Mapping[str, Callable[[object], str | None]]
    build: Callable[[Options, Pseudonyms], Step]


def _check_share(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    return None if 0 <= value <= 1 else "must be between 0 and 1"


def _check_authorships(value: object) -> str | None:
    if not isinstance(value, list) or not value:
        return "must be a list with at least one kind of authorship"
    if any(kind not in _AUTHORSHIPS for kind in value):
        return f"may hold {_listed(_AUTHORSHIPS)} only"
    return "names a kind twice" if len(set(value)) < len(value) else None


def _refuse_to_build(options: Options, pseudonyms: Pseudonyms) -> Step:
    raise TypeError(f"{options['step']} looks at all records, not at one")


_KINDS: Final[Mapping[str, _Kind]] = {
    "consent": _Kind({}, lambda options, pseudonyms: Consent()),
    "authorship": _Kind(
        {"allow": _check_authorships}, lambda options, pseudonyms: Authorship(frozenset(options["allow"]))
    ),
    "normalise": _Kind({}, lambda options, pseudonyms: Normalise()),
    "language": _Kind(
        {"minimum_confidence": _check_share},
        lambda options, pseudonyms: Language(float(options["minimum_confidence"])),
    ),
    "mentions": _Kind({}, lambda options, pseudonyms: Mentions(pseudonyms)),
    EXACT_DUPLICATES: _Kind({}, _refuse_to_build),
}


def _parse_steps(steps: object) -> tuple[Options, ...]:
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
        if name == EXACT_DUPLICATES and number != len(names) - 1:
            yield place, f"{name} must come last: it compares what the other steps leave"
        if name == "normalise" and "mentions" in names[:number]:
            yield place, "normalise must come before mentions: it would shift the recorded redactions"
    if "mentions" not in names:
        yield "steps", "must hold mentions: nobody's name leaves with another's words"


def _parse_shards(shards: object) -> int:
    rows = _expect_keys(shards, "shards", {"rows"})["rows"]
    if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= MAX_SHARD_ROWS:
        raise RecipeError("shards.rows", f"must be a whole number between 1 and {MAX_SHARD_ROWS}")
    return rows


def _expect_keys(data: object, place: str, keys: set[str]) -> dict[str, Any]:
    """Return the data as an object that has these keys and no others."""
    if not isinstance(data, dict):
        raise RecipeError(place, "must be an object" if place else "a recipe must be an object")
    for key in data:
        if key not in keys:
            raise RecipeError(_at(place, key), "is not known")
    for key in sorted(keys - data.keys()):
        raise RecipeError(_at(place, key), "is required")
    return data


def _at(place: str, key: object) -> str:
    return f"{place}.{key}" if place else str(key)


def _listed(names: Mapping[str, Any] | tuple[str, ...]) -> str:
    return ", ".join(names)
