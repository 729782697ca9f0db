"""The progress, speed and failures of a build."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum

from dataset_export.humanize import approximate_duration
from dataset_export.models import BuildTask, Snapshot

MAX_LISTED_FAILURES = 50
# The unit of a task's size, by stage.
UNITS = {
    Snapshot.Stage.PREPARE: "posts",
    Snapshot.Stage.DEDUPLICATE: "posts",
    Snapshot.Stage.MATCH: "parts",
    Snapshot.Stage.VERIFY: "pairs",
    # Counts copies of each post, and again each author's share.
    Snapshot.Stage.SELECT: "checks",
    Snapshot.Stage.THREADS: "posts",
    Snapshot.Stage.WRITE: "rows",
    Snapshot.Stage.FINISH: "manifest",
}


@dataclass(frozen=True, slots=True)
class StageProgress:
    """Progress of one stage.

    `busy` is the workers' time on finished tasks, `taken` the time from first start to last end.
    """

    label: str
    unit: str
    is_current: bool
    done: int = 0
    total: int = 0
    tasks: int = 0
    tasks_done: int = 0
    at_work: int = 0
    busy: timedelta | None = None
    taken: timedelta | None = None

    @property
    def is_done(self) -> bool:
        return self.tasks > 0 and self.tasks == self.tasks_done

    @property
    def is_skipped(self) -> bool:
        """Return whether the build has passed the stage without tasks."""
        return self.tasks == 0 and not self.is_current

    @property
    def rate(self) -> float | None:
        """Return the speed per second; of a running stage from its workers' busy time."""
        if self.is_done:
            return per_second(self.done, self.taken)
        one_worker = per_second(self.done, self.busy)
        return one_worker * max(1, self.at_work) if one_worker else None

    @property
    def time_left(self) -> str:
        """Return the estimated time left of a running stage in words, if known."""
        if not self.is_current or self.is_done or not self.rate:
            return ""
        return approximate_duration((self.total - self.done) / self.rate)

    @property
    def time_taken(self) -> str:
        return (
            approximate_duration(self.taken.total_seconds())
            if self.is_done and self.taken is not None
            else ""
        )


def per_second(number: int, time: timedelta | None) -> float | None:
    seconds = time.total_seconds() if time else 0
    return number / seconds if number and seconds else None


def progress(snapshot: Snapshot) -> list[StageProgress]:
    """Return all stages of a build in order, in one query."""
    is_done = Q(done_at__isnull=False)
    sums = (
        BuildTask.objects.filter(snapshot=snapshot)
        .values("stage")
        .annotate(
            done=Sum("size", filter=is_done, default=0),
            total=Sum("size"),
            tasks=Count("pk"),
            tasks_done=Count("done_at"),
            at_work=Count("begun_at", filter=~is_done),
            busy=Sum(F("done_at") - F("begun_at"), filter=is_done),
            taken=Max("done_at") - Min("begun_at"),
        )
    )
    by_stage: dict[str, dict[str, Any]] = {row["stage"]: without_stage(row) for row in sums}
    return [
        StageProgress(
            str(stage.label), UNITS[stage], stage == snapshot.stage, **by_stage.get(stage, {})
        )
        for stage in Snapshot.Stage
    ]


def without_stage(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "stage"}


def failed_tasks(snapshot: Snapshot) -> QuerySet[BuildTask]:
    """Return the tasks that failed at least once, open ones first."""
    failed = snapshot.tasks.filter(attempts__gt=0)
    return failed.order_by(F("done_at").asc(nulls_first=True), "pk")[:MAX_LISTED_FAILURES]
