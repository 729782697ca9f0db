"""Send records through the steps and account for each of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dataset_export.pipeline.records import Dropped, Record, Step


class StepFailed(Exception):
    """A step failed on a post; names both, and never quotes the text."""

    def __init__(self, post_id: int, step: str, cause: Exception) -> None:
        super().__init__(f"step {step} failed on post {post_id}: {type(cause).__name__}")
        self.post_id = post_id
        self.step = step


@dataclass(slots=True)
class Batch:
    """What became of a batch of records."""

    kept: list[Record] = field(default_factory=list)
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)
    drops: list[tuple[int, str, str]] = field(default_factory=list)
    changed: Counter[str] = field(default_factory=Counter)
    changes: list[tuple[int, str]] = field(default_factory=list)

    @property
    def candidates(self) -> int:
        """Return how many records have been accounted for."""
        return len(self.kept) + len(self.drops)


def run(steps: Sequence[Step], records: Iterable[Record]) -> Batch:
    """Return what the steps keep, what they drop and why, and whose text each of them changed."""
    batch = Batch()
    taken = 0
    for record in records:
        taken += 1
        _send(record, steps, batch)
    if batch.candidates != taken or batch.dropped.total() != len(batch.drops):
        raise AssertionError(f"{taken} records went in, {batch.candidates} are accounted for")
    return batch


def _send(record: Record, steps: Sequence[Step], batch: Batch) -> None:
    for step in steps:
        outcome = _apply(step, record)
        if isinstance(outcome, Dropped):
            batch.dropped[step.name, outcome.reason] += 1
            batch.drops.append((record.post_id, step.name, outcome.reason))
            return
        if outcome.text != record.text:
            batch.changed[step.name] += 1
            batch.changes.append((record.post_id, step.name))
        record = outcome
    batch.kept.append(record)


def _apply(step: Step, record: Record) -> Record | Dropped:
    try:
        return step(record)
    except Exception as error:
        raise StepFailed(record.post_id, step.name, error) from error
