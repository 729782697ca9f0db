"""Compare a snapshot with the previously published version."""

from dataclasses import dataclass
from typing import Any

from dataset_export.builds.recipe_descriptions import describe_step
from dataset_export.models import Snapshot
from dataset_export.review.statistics import previous_published
from dataset_export.review.summary import dropped_counts

# Smaller changes of a share are not listed.
MIN_CHANGE = 0.001
MAX_COMPARED_LANGUAGES = 12


@dataclass(frozen=True, slots=True)
class Change:
    """A value before and now, and the difference."""

    label: str
    before: str
    now: str
    change: str


@dataclass(frozen=True, slots=True)
class Difference:
    previous: Snapshot
    moved: list[tuple[str, str, str, str]]
    languages: list[Change]
    dropped: list[Change]
    recipe: list[str]


def difference(snapshot: Snapshot, counted: dict[str, Any] | None) -> Difference | None:
    """Return the changes since the previously published version, or None without one."""
    previous = previous_published(snapshot)
    if previous is None or not snapshot.manifest:
        return None
    old, new = previous.manifest, snapshot.manifest
    return Difference(
        previous=previous,
        moved=post_changes((counted or {}).get("compared")),
        languages=shares_changed(old["languages"], new["languages"]),
        dropped=counts_changed(
            dropped_counts(old["counts"]["dropped"]), dropped_counts(new["counts"]["dropped"])
        ),
        recipe=recipe_changes(old["recipe"]["steps"], new["recipe"]["steps"]),
    )


def post_changes(compared: dict[str, list[int]] | None) -> list[tuple[str, str, str, str]]:
    """Return how many posts and authors were added, kept and removed."""
    return [
        (what.capitalize(), f"{came:,}", f"{stayed:,}", f"{went:,}")
        for what, (came, went, stayed) in (compared or {}).items()
    ]


def shares_changed(old: dict[str, int], new: dict[str, int]) -> list[Change]:
    before, now = shares(old), shares(new)
    differences = {
        code: now.get(code, 0) - before.get(code, 0) for code in before.keys() | now.keys()
    }
    ordered = sorted(differences.items(), key=lambda item: (-abs(item[1]), item[0]))
    return [
        Change(
            code, f"{before.get(code, 0):.1%}", f"{now.get(code, 0):.1%}", f"{100 * by:+.1f} points"
        )
        for code, by in ordered[:MAX_COMPARED_LANGUAGES]
        if abs(by) >= MIN_CHANGE
    ]


def shares(counts: dict[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {label: number / total for label, number in counts.items()} if total else {}


def counts_changed(old: dict[str, int], new: dict[str, int]) -> list[Change]:
    labels = sorted(
        old.keys() | new.keys(),
        key=lambda label: (-abs(new.get(label, 0) - old.get(label, 0)), label),
    )
    return [
        Change(
            label,
            f"{old.get(label, 0):,}",
            f"{new.get(label, 0):,}",
            f"{new.get(label, 0) - old.get(label, 0):+,}",
        )
        for label in labels
        if new.get(label, 0) != old.get(label, 0)
    ]


def recipe_changes(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[str]:
    """Return sentences on added, removed and changed steps."""
    before, now = ({step["step"]: step for step in steps} for steps in (old, new))
    added = [f"New step: {title(now[name])}" for name in now if name not in before]
    gone = [f"No longer there: {title(before[name])}" for name in before if name not in now]
    changed = [
        step_change(before[name], now[name])
        for name in now
        if before.get(name, now[name]) != now[name]
    ]
    kept_order = [name for name in before if name in now] == [
        name for name in now if name in before
    ]
    return [*added, *gone, *changed, *([] if kept_order else ["The steps come in another order."])]


def title(step: dict[str, Any]) -> str:
    words = describe_step(step)
    return f"{words.title}. {words.text}"


def step_change(old: dict[str, Any], new: dict[str, Any]) -> str:
    options = [
        option_change(key, old.get(key), new.get(key)) for key in sorted(old.keys() | new.keys())
    ]
    return f"{describe_step(new).title}: {'; '.join(each for each in options if each)}."


def option_change(key: str, old: Any, new: Any) -> str:
    """Return the change of an option, or of each nested one."""
    if old == new:
        return ""
    if isinstance(old, dict) and isinstance(new, dict):
        inner = [
            option_change(each, old.get(each), new.get(each))
            for each in sorted(old.keys() | new.keys())
        ]
        return "; ".join(each for each in inner if each)
    name = key.replace("_", " ")
    if old is None:
        return f"{name} is {format_value(new)}, and was not set"
    if new is None:
        return f"{name} is no longer set, and was {format_value(old)}"
    return f"{name} is {format_value(new)}, and was {format_value(old)}"


def format_value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return f"{value:,}"
    return ", ".join(map(str, value)) or "empty" if isinstance(value, list) else str(value)
