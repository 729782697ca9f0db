"""Send records through the steps and account for each of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from dataset_export.pipeline.records import Dropped, Record, Step


class StepError(Exception):
    """A step failed on a post; names both, and never quotes the text."""

    def __init__(self, post_id: int, step: str, cause: Exception) -> None:
        super().__init__(f"step {step} failed on post {post_id}: {type(cause).__name__}")
        self.post_id = post_id
        self.step = step


# One step after the other for so many posts: each has tables and patterns of its own, and a processor's cache has not
# room for those of all steps. Post by post takes a third longer.
BATCH_SIZE = 1_000


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


def run_pipeline(steps: Sequence[Step], records: Sequence[Record]) -> Batch:
    """Return what the steps keep, what they drop and why, and whose text each of them changed."""
    batch = Batch()
    for start in range(0, len(records), BATCH_SIZE):
        _send(records[start : start + BATCH_SIZE], steps, batch)
    if batch.candidates != len(records) or batch.dropped.total() != len(batch.drops):
        raise AssertionError(
            f"{len(records)} records went in, {batch.candidates} are accounted for"
        )
    return batch


def _send(records: Sequence[Record], steps: Sequence[Step], batch: Batch) -> None:
    for step in steps:
        records = _passed_on(records, step, batch)
    batch.kept += records


def _passed_on(records: Sequence[Record], step: Step, batch: Batch) -> list[Record]:
    """Return what a step makes of records, and note what it changes and drops."""
    kept: list[Record] = []
    for record in records:
        try:
            outcome = step(record)
        except Exception as error:
            raise StepError(record.post_id, step.name, error) from error
        if isinstance(outcome, Dropped):
            batch.dropped[step.name, outcome.reason] += 1
            batch.drops.append((record.post_id, step.name, outcome.reason))
            continue
        if outcome.text is not record.text and outcome.text != record.text:
            batch.changed[step.name] += 1
            batch.changes.append((record.post_id, step.name))
        kept.append(outcome)
    return kept
