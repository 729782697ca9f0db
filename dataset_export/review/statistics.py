"""Statistics of a snapshot's rows beyond the manifest, computed once per manifest."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import connection

from common.advisory_locks import AdvisoryLock
from common.consistent_reads import consistent_read
from dataset_export.builds.locks import TaskNotAvailableError, session_lock
from dataset_export.eligibility import counted_configuration
from dataset_export.models import ReviewStatistics, RowProvenance, Shard, Snapshot
from dataset_export.review.spot_check import spot_check

_State = Snapshot.State
COUNTED = (_State.IN_REVIEW, _State.PUBLISHED)
# Up to this many rows are counted in the request, more by a worker.
FEW_ROWS = 5_000
# Shares of authors, those with most rows first, at which the curve is computed.
CURVE = (0.001, 0.01, 0.02, *(step / 20 for step in range(1, 21)))
DAY = 86_400_000
_RECORDS = RowProvenance._meta.db_table

_DAYS = f"""
SELECT (post_id >> 16) / %s, count(*) FROM {_RECORDS}
WHERE snapshot_id = %s AND configuration = %s AND removed_in IS NULL GROUP BY 1 ORDER BY 1
"""  # noqa: S608

# Authors by number of rows: few lines, however many authors.
SHARES = f"""
SELECT rows, count(*) FROM (
    SELECT count(*) AS rows FROM {_RECORDS}
    WHERE snapshot_id = %s AND configuration = %s AND removed_in IS NULL GROUP BY subject
) AS each_author GROUP BY rows ORDER BY rows DESC
"""  # noqa: S608

TOP_AUTHORS_SQL = f"""
SELECT min(id), count(*) FROM {_RECORDS}
WHERE snapshot_id = %s AND configuration = %s AND removed_in IS NULL
GROUP BY subject ORDER BY 2 DESC, 1 LIMIT 1
"""  # noqa: S608

# Counts only in the new, only in the old, and in both; `column` is a post or a subject.
COMPARED = """
SELECT count(*) FILTER (WHERE old.it IS NULL), count(*) FILTER (WHERE new.it IS NULL),
    count(*) FILTER (WHERE new.it = old.it)
FROM (
    SELECT DISTINCT {column} AS it FROM {records} WHERE snapshot_id = %s AND removed_in IS NULL
) AS new
FULL JOIN (
    SELECT DISTINCT {column} AS it FROM {records} WHERE snapshot_id = %s AND removed_in IS NULL
) AS old
USING (it)
"""
log = structlog.get_logger()


def get_review_statistics(snapshot: Snapshot) -> dict[str, Any] | None:
    """Return the statistics of the current manifest; None while a worker must count many rows."""
    if (
        stored_review_statistics(snapshot) is None
        and snapshot.state in COUNTED
        and rows_in(snapshot) <= FEW_ROWS
    ):
        save_review_statistics(snapshot)
    kept = stored_review_statistics(snapshot)
    return kept.data if kept else None


def stored_review_statistics(snapshot: Snapshot) -> ReviewStatistics | None:
    return ReviewStatistics.objects.filter(
        snapshot=snapshot,
        manifest_sha256=snapshot.manifest_sha256,
        previous_sha256=previous_sha256(snapshot),
    ).first()


def rows_in(snapshot: Snapshot) -> int:
    return sum(snapshot.shards.filter(format=Shard.Format.PARQUET).values_list("rows", flat=True))


def previous_published(snapshot: Snapshot) -> Snapshot | None:
    """Return the newest earlier version that was published."""
    earlier = Snapshot.objects.filter(
        name=snapshot.name, version__lt=snapshot.version, published_at__isnull=False
    )
    return earlier.select_related("recipe").order_by("-version").first()


def previous_sha256(snapshot: Snapshot) -> str:
    previous = previous_published(snapshot)
    return previous.manifest_sha256 if previous else ""


def compute_missing() -> int:
    """Compute missing statistics and return for how many snapshots."""
    counted = 0
    for snapshot in Snapshot.objects.filter(state__in=COUNTED).order_by("pk"):
        if stored_review_statistics(snapshot) is None:
            counted += _count(snapshot)
    return counted


def _count(snapshot: Snapshot) -> bool:
    """Compute one snapshot's statistics, unless another worker does."""
    try:
        with session_lock(AdvisoryLock.REVIEW_STATISTICS, snapshot.pk):
            save_review_statistics(snapshot)
    except TaskNotAvailableError:
        return False
    except Exception as error:
        # Other snapshots must not wait for it.
        log.exception("figures not counted", snapshot=snapshot.pk, error=str(error))
        return False
    return True


def save_review_statistics(snapshot: Snapshot) -> None:
    """Compute statistics and store them under the manifests that they are true of."""
    with consistent_read():
        current = Snapshot.objects.select_related("recipe").get(pk=snapshot.pk)
        previous = previous_published(current)
        data = compute_statistics(current, previous)
    ReviewStatistics.objects.update_or_create(
        snapshot=snapshot,
        defaults={
            "manifest_sha256": current.manifest_sha256,
            "previous_sha256": previous.manifest_sha256 if previous else "",
            "data": data,
            "counted_at": datetime.now(UTC),
        },
    )


def compute_statistics(snapshot: Snapshot, previous: Snapshot | None) -> dict[str, Any]:
    configuration = counted_configuration(snapshot)
    most = rows_from(TOP_AUTHORS_SQL, snapshot.pk, configuration)
    shares = rows_from(SHARES, snapshot.pk, configuration)
    return {
        "days": [
            (int(day), rows) for day, rows in rows_from(_DAYS, DAY, snapshot.pk, configuration)
        ],
        "rows": sum(rows * authors for rows, authors in shares),
        "authors": sum(authors for _, authors in shares),
        "curve": lorenz_curve(shares),
        "most": {"record": most[0][0], "rows": most[0][1]} if most else None,
        "second_look": spot_check(snapshot),
        "compared": compare_posts(snapshot, previous) if previous else None,
    }


def rows_from(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def lorenz_curve(shares: Iterable[tuple[int, int]]) -> list[tuple[float, float]]:
    """Return the share of rows that the top x of the authors wrote, for fixed values of x.

    `shares` are numbers of authors by number of rows, most rows first.
    """
    shares = list(shares)
    authors, total = (
        sum(number for _, number in shares),
        sum(rows * number for rows, number in shares),
    )
    return (
        [(point, rows_of_top_authors(shares, point * authors) / total) for point in CURVE]
        if total
        else []
    )


def rows_of_top_authors(shares: list[tuple[int, int]], wanted: float) -> float:
    """Return the rows of the first authors, fractional for a fractional author."""
    found = 0.0
    for rows, number in shares:
        taken = min(wanted, number)
        found, wanted = found + taken * rows, wanted - taken
    return found


def compare_posts(snapshot: Snapshot, previous: Snapshot) -> dict[str, list[int]]:
    """Return how many posts and authors were added, removed and kept."""
    return {
        what: list(
            rows_from(COMPARED.format(column=column, records=_RECORDS), snapshot.pk, previous.pk)[0]
        )
        for what, column in (("posts", "post_id"), ("authors", "subject"))
    }


def by_time(days: list[tuple[int, int]]) -> list[tuple[str, int]]:
    """Return counts by week, month or year, whichever is readable, without gaps."""
    if not days:
        return []
    span = days[-1][0] - days[0][0]
    unit = week if span <= 20 * 7 else _month if span <= 60 * 30 else year
    counts: dict[str, int] = {unit(day): 0 for day in range(days[0][0], days[-1][0] + 1)}
    for day, rows in days:
        counts[unit(day)] += rows
    return list(counts.items())


def date_of(day: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)


def week(day: int) -> str:
    """Return the Monday of a day's week."""
    date = date_of(day)
    return f"{date - timedelta(days=date.weekday()):%Y-%m-%d}"


def _month(day: int) -> str:
    return f"{date_of(day):%Y-%m}"


def year(day: int) -> str:
    return f"{date_of(day):%Y}"
