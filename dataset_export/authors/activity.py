"""A person's history with datasets as one list, newest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from consent.models import ConsentEvent
from dataset_export.authors.contributions import SHARD_HISTORY_SQL, recipient_label, snapshots_of
from dataset_export.models import AccessRequest, RemovalNotice, Revision, RowProvenance, Snapshot
from dataset_export.signing.revisions import revision_name

_PAGE_SIZE = 30
LATEST = datetime.max.replace(tzinfo=UTC)

# Per day, grant and snapshot, at the time of the day's first download.
BY_DAY = f"""{SHARD_HISTORY_SQL}
SELECT min(first_at), min(first), access_id, snapshot_id, count(*) FROM (
    SELECT access_id, snapshot_id, path, (at AT TIME ZONE 'UTC')::date AS day, min(at) AS first_at, min(id) AS first
    FROM download GROUP BY 1, 2, 3, 4
) had
GROUP BY access_id, snapshot_id, day
HAVING (min(first_at), %(rank)s, min(first)) < (%(at)s, %(below_rank)s, %(below_id)s)
ORDER BY min(first_at) DESC, min(first) DESC LIMIT %(most)s
"""  # noqa: S608


class ActivityCursor(NamedTuple):
    """Cursor of the list: time, kind and id."""

    at: datetime
    rank: int
    id: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}_{self.rank}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> "ActivityCursor | None":
        """Parse a cursor; None if it is missing or invalid."""
        try:
            moment, rank, number = text.split("_")
            return cls(
                datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC),
                int(rank),
                int(number),
            )
        except ValueError:
            return None


NEWEST = ActivityCursor(LATEST, 0, 0)


@dataclass(frozen=True, slots=True)
class ActivityEvent:
    """One line; `kind` says which optional fields are set."""

    place: ActivityCursor
    kind: str
    snapshot: Snapshot | None = None
    event: ConsentEvent | None = None
    who: str = ""
    purpose: str = ""
    posts: int = 0
    files: int = 0
    revision: str = ""

    @property
    def at(self) -> datetime:
        return self.place.at


def activity_page(
    subject: UUID, below: ActivityCursor = NEWEST, size: int = _PAGE_SIZE
) -> tuple[list[ActivityEvent], ActivityCursor | None]:
    """Return a page and the cursor of the next one, None at the end.

    Each source yields at most a page, so the number of queries is constant.
    """
    found = [
        one for rank, source in enumerate(SOURCES) for one in source(subject, rank, below, size + 1)
    ]
    found.sort(key=lambda one: one.place, reverse=True)
    page = found[:size]
    return page, page[-1].place if len(found) > size else None


def after_cursor(below: ActivityCursor, rank: int, at: str, number: str) -> Q:
    """Return the condition that a source's rows come after a cursor."""
    earlier = Q(**{f"{at}__lt": below.at})
    if rank < below.rank:
        return earlier | Q(**{at: below.at})
    return (
        earlier | Q(**{at: below.at, f"{number}__lt": below.id}) if rank == below.rank else earlier
    )


def decisions(subject: UUID, rank: int, below: ActivityCursor, most: int) -> list[ActivityEvent]:
    events = ConsentEvent.objects.filter(
        after_cursor(below, rank, "at", "position"), subject=subject
    )
    return [
        ActivityEvent(ActivityCursor(event.at, rank, event.position), "decided", event=event)
        for event in events.order_by("-at", "-position")[:most]
    ]


def snapshots_with_rows(subject: UUID) -> QuerySet[Any]:
    """Return snapshots that contain or contained a person's posts, with counts."""
    of_person = RowProvenance.objects.filter(subject=subject, snapshot=OuterRef("pk")).order_by()
    posts = (
        of_person.values("snapshot").annotate(posts=Count("post_id", distinct=True)).values("posts")
    )
    holding = RowProvenance.objects.filter(subject=subject).values("snapshot")
    return (
        Snapshot.objects.filter(pk__in=holding)
        .exclude(state=Snapshot.State.CANCELLED)
        .annotate(own_posts=Subquery(posts))
        .defer("manifest_json", "pseudonym_key")
    )


def snapshot_events(
    field: str, kind: str
) -> Callable[[UUID, int, ActivityCursor, int], list[ActivityEvent]]:
    def source(subject: UUID, rank: int, below: ActivityCursor, most: int) -> list[ActivityEvent]:
        there = Q(**{f"{field}__isnull": False})
        snapshots = snapshots_with_rows(subject).filter(
            there & after_cursor(below, rank, field, "pk")
        )
        return [
            ActivityEvent(
                ActivityCursor(getattr(each, field), rank, each.pk),
                kind,
                snapshot=each,
                posts=each.own_posts,
            )
            for each in snapshots.order_by(f"-{field}", "-pk")[:most]
        ]

    return source


def _downloads(subject: UUID, rank: int, below: ActivityCursor, most: int) -> list[ActivityEvent]:
    values: dict[str, Any] = {"subject": subject, "post": None, "most": most}
    values |= {"at": below.at, "rank": rank, "below_rank": below.rank, "below_id": below.id}
    with connection.cursor() as cursor:
        cursor.execute(BY_DAY, values)
        rows = cursor.fetchall()
    accesses = AccessRequest.objects.in_bulk({row[2] for row in rows})
    snapshots = snapshots_of({row[3] for row in rows})
    return [
        ActivityEvent(
            ActivityCursor(at, rank, first),
            "downloaded",
            snapshot=snapshots[snapshot],
            who=recipient_label(accesses[access]),
            purpose=accesses[access].purpose,
            files=files,
        )
        for at, first, access, snapshot, files in rows
    ]


def _removals(subject: UUID, rank: int, below: ActivityCursor, most: int) -> list[ActivityEvent]:
    gone = RowProvenance.objects.filter(
        subject=subject, removed_in=OuterRef("number"), snapshot=OuterRef("snapshot")
    )
    posts = (
        gone.order_by()
        .values("snapshot")
        .annotate(posts=Count("post_id", distinct=True))
        .values("posts")
    )
    of_person = RowProvenance.objects.filter(subject=subject, removed_in__isnull=False).values(
        "snapshot"
    )
    revisions = (
        Revision.objects.filter(after_cursor(below, rank, "at", "pk"), snapshot__in=of_person)
        .annotate(own_posts=Subquery(posts))
        .filter(own_posts__gt=0)
        .select_related("snapshot")
        .defer("manifest_json", "snapshot__manifest_json", "snapshot__pseudonym_key")
    )
    return [
        ActivityEvent(
            ActivityCursor(each.at, rank, each.pk),
            "removed",
            snapshot=each.snapshot,
            posts=each.own_posts,
            revision=revision_name(each.snapshot, each.number),
        )
        for each in revisions.order_by("-at", "-pk")[:most]
    ]


def acknowledgements(
    subject: UUID, rank: int, below: ActivityCursor, most: int
) -> list[ActivityEvent]:
    """Return who confirmed deleting a person's erased posts."""
    gone = RowProvenance.objects.filter(
        subject=subject,
        snapshot=OuterRef("announcement__snapshot"),
        removed_in=OuterRef("announcement__revision"),
    )
    answered: QuerySet[Any] = RemovalNotice.objects.with_answer()
    notices = (
        answered.filter(
            Exists(gone), announcement__is_withdrawal=False, acknowledged_at__isnull=False
        )
        .filter(after_cursor(below, rank, "acknowledged_at", "pk"))
        .select_related("access", "announcement__snapshot")
        .defer("announcement__snapshot__manifest_json", "announcement__snapshot__pseudonym_key")
    )
    return [
        ActivityEvent(
            ActivityCursor(each.acknowledged_at, rank, each.pk),
            "acknowledged",
            snapshot=each.announcement.snapshot,
            who=recipient_label(each.access),
            revision=each.announcement.revision_name,
        )
        for each in notices.order_by("-acknowledged_at", "-pk")[:most]
    ]


# Tie-break for equal times: later stages come first.
SOURCES: Sequence[Callable[[UUID, int, ActivityCursor, int], list[ActivityEvent]]] = (
    decisions,
    snapshot_events("built_at", "built"),
    snapshot_events("published_at", "published"),
    _downloads,
    _removals,
    acknowledgements,
)
