"""What is shared, downloaded and erased here, in sums for everybody.

No number of people, or of rows erased or waiting, is told while it is below FEWEST; neither does a chart, a share or a
sum give it away. Organisations are counted and not named: the terms let those authors see a name whose posts
it downloaded, and nobody else.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Lower, TruncMonth
from django.utils import timezone

from common.consistent_reads import consistent_read
from consent.models import ConsentEvent, Subject
from consent.notices import min_valid_versions
from consent.purposes import Purpose
from dataset_export.access.selectors import SERVED
from dataset_export.eligibility import revoked_records
from dataset_export.erasure.affected_shards import STATES_WITH_FILES
from dataset_export.erasure.request_times import ROW_SQL, with_removal
from dataset_export.humanize import approximate_duration
from dataset_export.models import (
    AccessRequest,
    Download,
    Removal,
    RemovalNotice,
    RowProvenance,
    Shard,
    Snapshot,
)

MIN_COUNT = 5
MONTHS = 12
_RECENT = timedelta(days=90)
NEWEST_REMOVALS = 5_000
CACHE_KEY = "transparency"
# A worker counts every five minutes, so that no visitor waits for it; what it takes comes on top.
CACHE_SECONDS = 420

# How many more people (or fewer) said yes for their account at the end of a month than at its beginning; of the
# people whose account exists.
CHANGES_SQL = f"""
SELECT purpose, date_trunc('month', at AT TIME ZONE 'UTC')::date, sum(is_yes - was_yes) FROM (
    SELECT purpose, at, position, (decision = 'granted')::int AS is_yes,
        coalesce(lag((decision = 'granted')::int) OVER (PARTITION BY subject, purpose ORDER BY position), 0) AS was_yes
    FROM {ConsentEvent._meta.db_table}
    WHERE scope = 'account' AND subject IN (SELECT id FROM {Subject._meta.db_table})
) AS decided GROUP BY 1, 2
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class SuppressedCount:
    """A number that is told only from FEWEST on; nothing is told as nothing."""

    number: int

    @property
    def is_disclosed(self) -> bool:
        return self.number == 0 or self.number >= MIN_COUNT

    @property
    def height(self) -> int:
        """How high a bar may be that anybody can measure."""
        return self.number if self.is_disclosed else 0

    def __str__(self) -> str:
        return f"{self.number:,}" if self.is_disclosed else f"fewer than {MIN_COUNT}"


@dataclass(frozen=True, slots=True)
class Bar:
    """One month of a chart, with the place and the size of its bar."""

    month: date
    number: SuppressedCount
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class TransparencyChart:
    bars: list[Bar]

    @property
    def is_drawn(self) -> bool:
        return any(bar.height for bar in self.bars)


STEP, MAX_HEIGHT = 25, 80


def chart(numbers: Mapping[date, int], months: Sequence[date]) -> TransparencyChart:
    """Return a chart with a bar a month, STEP apart, the highest TALLEST high."""
    told = [SuppressedCount(numbers.get(month, 0)) for month in months]
    most = max((number.height for number in told), default=0) or 1
    heights = [round(MAX_HEIGHT * number.height / most) for number in told]
    return TransparencyChart(
        [
            Bar(month, number, x=place * STEP, y=MAX_HEIGHT - height, height=height)
            for place, (month, number, height) in enumerate(zip(months, told, heights, strict=True))
        ]
    )


def last_months(today: date) -> list[date]:
    """Return the first days of the last MONTHS months, this one included, the oldest first."""
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(MONTHS)]
    return [date(year, month + 1, 1) for year, month in reversed(months)]


def get_transparency_statistics() -> dict[str, Any]:
    """Return all that the page shows, some minutes old at most; with Redis or workers away it is counted here."""
    found: dict[str, Any] | None = cache.get(CACHE_KEY)
    return refresh_transparency_statistics() if found is None else found


def refresh_transparency_statistics() -> dict[str, Any]:
    """Count what the page shows, for the visitors of the next minutes."""
    counted = count_everything()
    cache.set(CACHE_KEY, counted, CACHE_SECONDS)
    return counted


@consistent_read()
def count_everything() -> dict[str, Any]:
    now = timezone.now()
    months = last_months(now.date())
    return {
        "counted_at": now,
        "fewest": MIN_COUNT,
        "purposes": people_by_purpose(months),
        "erasure": erasure(),
        "data_sets": data_sets(),
        "downloads": _downloads(months),
        "access": access(),
        "answers": acknowledgement_statistics(),
    }


@dataclass(frozen=True, slots=True)
class PurposeFigures:
    label: str
    people: SuppressedCount
    said_no: SuppressedCount
    chart: TransparencyChart


def people_by_purpose(months: Sequence[date]) -> list[PurposeFigures]:
    """Return how many people share for each purpose, took a yes back lately, and shared at the end of each month."""
    sharing, left = sharing_people(), recent_withdrawals()
    history = yes_by_month(months)
    return [
        PurposeFigures(
            Purpose(purpose).label,
            SuppressedCount(sharing.get(purpose, 0)),
            SuppressedCount(left.get(purpose, 0)),
            chart(history[purpose], months),
        )
        for purpose in Purpose.values
    ]


def sharing_people() -> dict[str, int]:
    """Return for each purpose how many people have a yes that counts, for their account or for single posts."""
    required = min_valid_versions()
    counting = Q(pk=None)
    for purpose in Purpose.values:
        counting |= Q(purpose=purpose, notice__version__gte=required.get(purpose, 0))
    yes = ConsentEvent.objects.filter(
        counting, state__isnull=False, decision=ConsentEvent.Decision.GRANTED
    )
    return counted_people(yes.filter(subject__in=active_subjects()))


def recent_withdrawals() -> dict[str, int]:
    """Return for each purpose how many people said no lately, for their account or for single posts."""
    no = ConsentEvent.objects.filter(
        at__gte=timezone.now() - _RECENT, decision=ConsentEvent.Decision.WITHDRAWN
    )
    return counted_people(no)


def counted_people(events: QuerySet[ConsentEvent]) -> dict[str, int]:
    return dict(
        events.order_by().values_list("purpose").annotate(people=Count("subject", distinct=True))
    )


def active_subjects() -> QuerySet[Subject, Any]:
    return Subject.objects.filter(user__is_active=True, user__suspended_at__isnull=True).values(
        "pk"
    )


def yes_by_month(months: Sequence[date]) -> dict[str, dict[date, int]]:
    """Return by purpose how many accounts said yes at the end of each of the months."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGES_SQL)
        changes = cursor.fetchall()
    history: dict[str, dict[date, int]] = defaultdict(dict)
    for purpose in Purpose.values:
        of_purpose = [(month, change) for its, month, change in changes if its == purpose]
        for month in months:
            history[purpose][month] = int(sum(change for at, change in of_purpose if at <= month))
    return history


@dataclass(frozen=True, slots=True)
class Erasure:
    rows: str
    pending: SuppressedCount
    pending_share: str
    median: str
    reasons: list[tuple[str, SuppressedCount]]


def erasure() -> Erasure:
    """Return how many rows were taken out, why, how quickly, and how many wait."""
    by_reason = dict(
        Removal.objects.signed()
        .order_by()
        .values_list("reason")
        .annotate(rows=Count("pk"))
        .order_by("-rows", "reason")
    )
    reasons = [
        (Removal.Reason(reason).label, SuppressedCount(rows)) for reason, rows in by_reason.items()
    ]
    done, pending = sum(by_reason.values()), pending_rows()
    times = erasure_seconds()
    # With the share of those that wait anybody could work out how many went, and from that a reason that is not told.
    may_compare = all(rows.is_disclosed for _, rows in reasons)
    return Erasure(
        rows=suppressed_sum([rows for _, rows in reasons]),
        pending=SuppressedCount(pending),
        pending_share=percentage(pending, done + pending) if may_compare else "",
        median=approximate_duration(median(times)) if len(times) >= MIN_COUNT else "",
        reasons=reasons,
    )


def suppressed_sum(numbers: Sequence[SuppressedCount]) -> str:
    """Return a sum from which no number that is not told can be computed."""
    told = sum(number.number for number in numbers if number.is_disclosed)
    if all(number.is_disclosed for number in numbers):
        return f"{told:,}"
    return f"more than {told:,}" if told else f"fewer than {MIN_COUNT * len(numbers)}"


def percentage(part: int, whole: int) -> str:
    """Return a part in percent, where neither it nor the rest can be told from it while they are few."""
    if not whole or not (
        SuppressedCount(part).is_disclosed and SuppressedCount(whole - part).is_disclosed
    ):
        return ""
    return f"{100 * part / whole:.1f} %"


def pending_rows() -> int:
    """Return how many rows are withheld and not erased yet, over all snapshots, in one query."""
    snapshots = (
        Snapshot.objects.filter(state__in=STATES_WITH_FILES)
        .defer("manifest_json", "pseudonym_key")
        .order_by("pk")
    )
    withheld = [revoked_records(each).values("pk") for each in snapshots]
    return withheld[0].union(*withheld[1:], all=True).count() if withheld else 0


def erasure_seconds() -> list[float]:
    """Return for the newest erased rows how long it took from the change to the rewritten file."""
    newest = Removal.objects.signed().order_by("-pk")[:NEWEST_REMOVALS]
    records = RowProvenance.objects.filter(
        message=0, **{column: OuterRef(column) for column in ROW_SQL}
    )
    erased = RowProvenance.objects.filter(
        pk__in=newest.annotate(record=Subquery(records.values("pk")[:1])).values("record")
    )
    pairs = with_removal(erased).filter(asked_at__isnull=False).values_list("asked_at", "gone_at")
    return [(gone - asked).total_seconds() for asked, gone in pairs]


@dataclass(frozen=True, slots=True)
class DataSet:
    name: str
    version: int
    purpose: str
    published_at: datetime | None
    rows: int


def data_sets() -> list[DataSet]:
    """Return what is published, the newest first, with the rows that it holds now."""
    lines = Q(shards__format=Shard.Format.JSON_LINES)
    published = Snapshot.objects.published().annotate(
        rows=Sum("shards__rows", filter=lines, default=0)
    )
    return [
        DataSet(each.name, each.version, each.get_purpose_display(), each.published_at, each.rows)
        for each in published.defer("manifest_json", "pseudonym_key").order_by(
            "-published_at", "-pk"
        )
    ]


@dataclass(frozen=True, slots=True)
class PurposeDownloads:
    label: str
    chart: TransparencyChart


def _downloads(months: Sequence[date]) -> list[PurposeDownloads]:
    """Return how often files were handed out, by the purpose of their dataset and by month."""
    begin = datetime(months[0].year, months[0].month, 1, tzinfo=timezone.get_current_timezone())
    counted = (
        Download.objects.filter(status__in=SERVED, at__gte=begin)
        .order_by()
        .annotate(month=TruncMonth("at"))
        .values_list("snapshot__purpose", "month")
        .annotate(number=Count("pk"))
    )
    by_purpose: dict[str, dict[date, int]] = defaultdict(dict)
    for purpose, month, number in counted:
        by_purpose[purpose][month.date()] = number
    return [
        PurposeDownloads(Purpose(purpose).label, chart(by_purpose[purpose], months))
        for purpose in Purpose.values
    ]


@dataclass(frozen=True, slots=True)
class Access:
    organisations: int
    people: SuppressedCount


def access() -> Access:
    """Return how many organisations, and how many people for themselves, may download something now."""
    in_force = AccessRequest.objects.in_force()
    organisations = in_force.exclude(organisation="").aggregate(
        number=Count(Lower("organisation"), distinct=True)
    )
    people = in_force.filter(organisation="").aggregate(number=Count("user", distinct=True))
    return Access(organisations["number"], SuppressedCount(people["number"]))


@dataclass(frozen=True, slots=True)
class AcknowledgementStatistics:
    due: SuppressedCount
    in_time: str


def acknowledgement_statistics() -> AcknowledgementStatistics:
    """Return how many times a downloader had to delete what was removed, and the part that they confirmed in time."""
    counted = RemovalNotice.objects.with_answer().aggregate(
        due=Count("pk", filter=Q(acknowledged_at__isnull=False) | Q(due_at__lt=timezone.now())),
        in_time=Count("pk", filter=Q(acknowledged_at__lte=F("due_at"))),
    )
    return AcknowledgementStatistics(
        SuppressedCount(counted["due"]), percentage(counted["in_time"], counted["due"])
    )
