"""Contributions: datasets with a person's posts, their downloads and removals."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet

from dataset_export.access.selectors import SERVED
from dataset_export.eligibility import revoked_records
from dataset_export.erasure.affected_shards import STATES_WITH_FILES
from dataset_export.erasure.request_times import with_removal
from dataset_export.humanize import approximate_duration
from dataset_export.models import (
    AccessRequest,
    Download,
    Removal,
    RemovalAnnouncement,
    RemovalNotice,
    Revision,
    RowProvenance,
    Shard,
    Snapshot,
)
from dataset_export.signing.revisions import revision_name

_State = Snapshot.State
SHOWN = 10
A_PERSON = "A person"
STATES = {
    _State.IN_REVIEW: "being checked, nobody can download it yet",
    _State.PUBLISHED: "published now",
    _State.SUPERSEDED: "an older revision, still handed out by its number",
    _State.WITHDRAWN: "taken back, nobody can download it any more",
}
REASONS = {
    Removal.Reason.CONSENT_WITHDRAWN: "You took your yes back.",
    Removal.Reason.POST_DELETED: "The post was deleted.",
    Removal.Reason.POST_NOT_PUBLIC: "The post is not public any more.",
    Removal.Reason.POST_NOT_HUMAN: "You marked the post as not yours alone.",
    Removal.Reason.ACCOUNT_CLOSED: "The account was closed.",
    Removal.Reason.SUSPENDED: "The account was suspended. They come back if that is lifted in time.",
    Removal.Reason.MODERATION: "The account was suspended.",
    Removal.Reason.EXCLUSION: "A reviewer left it out.",
}

# Files with a person's posts, each with the time it stopped containing them.
SHARD_HISTORY_SQL = f"""
WITH place AS (
    SELECT snapshot_id, configuration, split, shard_number,
        CASE WHEN bool_or(removed_in IS NULL) THEN NULL ELSE max(removed_in) END AS gone_in
    FROM {RowProvenance._meta.db_table}
    WHERE subject = %(subject)s AND (%(post)s::bigint IS NULL OR post_id = %(post)s)
    GROUP BY snapshot_id, configuration, split, shard_number
), file AS (
    SELECT shard.snapshot_id, shard.path, revision.at AS until
    FROM place
    JOIN {Shard._meta.db_table} shard ON
        (shard.snapshot_id, shard.configuration, shard.split, shard.number)
        = (place.snapshot_id, place.configuration, place.split, place.shard_number)
    LEFT JOIN {Revision._meta.db_table} revision
        ON (revision.snapshot_id, revision.number) = (place.snapshot_id, place.gone_in)
    WHERE shard.format IN ('{Shard.Format.PARQUET}', '{Shard.Format.JSON_LINES}')
), download AS (
    SELECT one.* FROM {Download._meta.db_table} one
    JOIN file ON (file.snapshot_id, file.path) = (one.snapshot_id, one.path)
    WHERE one.status IN ({", ".join(map(str, SERVED))}) AND (file.until IS NULL OR one.at < file.until)
)
"""  # noqa: S608
# Parquet readers send many requests per file. Aggregating by file first avoids a sort.
BY_SNAPSHOT = f"""{SHARD_HISTORY_SQL}
SELECT access_id, snapshot_id, min(first_at), max(last_at), count(*) FROM (
    SELECT access_id, snapshot_id, path, min(at) AS first_at, max(at) AS last_at FROM download GROUP BY 1, 2, 3
) had
GROUP BY access_id, snapshot_id ORDER BY max(last_at) DESC, access_id DESC, snapshot_id DESC LIMIT %(most)s
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class DownloadSummary:
    """Who had files with a person's posts, for which purpose and when."""

    access: AccessRequest
    snapshot: Snapshot
    first_at: datetime
    last_at: datetime
    files: int

    @property
    def who(self) -> str:
        return recipient_label(self.access)


def recipient_label(access: AccessRequest) -> str:
    """Return the organisation; individuals are shown by purpose only."""
    return access.organisation or A_PERSON


def downloads(
    subject: UUID, *, post_id: int | None = None, most: int | None = None
) -> list[DownloadSummary]:
    """Return downloads while the files contained a person's posts, per grant and snapshot, latest
    first.
    """
    with connection.cursor() as cursor:
        cursor.execute(BY_SNAPSHOT, {"subject": subject, "post": post_id, "most": most})
        rows = cursor.fetchall()
    accesses = AccessRequest.objects.in_bulk({access for access, *_ in rows})
    of_rows = snapshots_of({snapshot for _, snapshot, *_ in rows})
    return [
        DownloadSummary(accesses[access], of_rows[snapshot], *times)
        for access, snapshot, *times in rows
    ]


def snapshots_of(ids: Collection[int]) -> dict[int, Snapshot]:
    return Snapshot.objects.defer("manifest_json", "pseudonym_key").in_bulk(ids)


@dataclass(frozen=True, slots=True)
class RemovalSummary:
    """Posts of a person removed from a snapshot together."""

    snapshot: Snapshot
    number: int
    reason: str
    posts: int
    at: datetime
    asked_at: datetime | None
    # How many recipients were notified, and how many confirmed deletion.
    told: int = 0
    acknowledged: int = 0

    @property
    def revision(self) -> str:
        return revision_name(self.snapshot, self.number)

    @property
    def why(self) -> str:
        return REASONS.get(Removal.Reason(self.reason), "")

    @property
    def took(self) -> timedelta | None:
        return None if self.asked_at is None else self.at - self.asked_at

    @property
    def took_words(self) -> str:
        return "" if self.took is None else approximate_duration(self.took.total_seconds())


def author_removals(
    subject: UUID, *, post_id: int | None = None, most: int | None = None
) -> list[RemovalSummary]:
    """Return a person's erased rows by revision and reason, latest first."""
    records = RowProvenance.objects.filter(subject=subject, removed_in__isnull=False)
    if post_id is not None:
        records = records.filter(post_id=post_id)
    groups = (
        with_removal(records)
        .values("snapshot", "removed_in", "reason", "gone_at")
        .annotate(posts=Count("post_id", distinct=True), asked=Max("asked_at"))
        .order_by("-gone_at", "-snapshot", "-removed_in", "reason")
    )
    rows = list(groups[:most])
    snapshots = snapshots_of({row["snapshot"] for row in rows})
    answers = acknowledgement_counts({(row["snapshot"], row["removed_in"]) for row in rows})
    return [
        RemovalSummary(
            snapshots[row["snapshot"]],
            row["removed_in"],
            row["reason"],
            row["posts"],
            row["gone_at"],
            row["asked"],
            *answers.get((row["snapshot"], row["removed_in"]), ()),
        )
        for row in rows
    ]


def acknowledgement_counts(
    revisions: Collection[tuple[int, int]],
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return notified and confirmed recipients by snapshot and revision."""
    announced = RemovalAnnouncement.objects.filter(
        snapshot__in={each for each, _ in revisions}, is_withdrawal=False
    )
    counted = (
        RemovalNotice.objects.with_answer()
        .filter(announcement__in=announced)
        .values("announcement__snapshot", "announcement__revision")
        .annotate(told=Count("pk"), acknowledged=Count("acknowledged_at"))
        .order_by()
    )
    numbers = counted.values_list(
        "announcement__snapshot", "announcement__revision", "told", "acknowledged"
    )
    return {
        (snapshot, number): (told, acknowledged) for snapshot, number, told, acknowledged in numbers
    }


class PendingErasure(NamedTuple):
    """A revoked row that is not erased yet."""

    record_id: int
    snapshot_id: int
    post_id: int


def pending_erasures(subject: UUID, snapshots: Iterable[Snapshot]) -> list[PendingErasure]:
    """Return a person's rows awaiting erasure, in one query."""
    held = [each for each in snapshots if each.state in STATES_WITH_FILES]
    if not held:
        return []
    first, *others = (
        revoked_records(each, subject=subject).values_list("pk", "snapshot", "post_id")
        for each in held
    )
    return [PendingErasure(*row) for row in first.union(*others, all=True)]


@dataclass(frozen=True, slots=True)
class Contribution:
    """A person's posts in one snapshot: included, pending erasure, and erased."""

    snapshot: Snapshot
    held: int = 0
    pending: int = 0
    removed: int = 0
    decisions: int = 0
    newest_decision: int | None = None
    downloads: Sequence[DownloadSummary] = field(default=())

    @property
    def state(self) -> str:
        return STATES.get(_State(self.snapshot.state), self.snapshot.get_state_display().lower())

    @property
    def served(self) -> int:
        return self.held - self.pending


def contributions(
    subject: UUID, snapshots: Sequence[Snapshot], had: Iterable[DownloadSummary]
) -> list[Contribution]:
    """Return the contributions to snapshots, in a constant number of queries.

    `had` are the downloads of files with the person's posts.
    """
    ids = [each.pk for each in snapshots]
    counts = {row["snapshot"]: row for row in record_counts(subject, ids)}
    waiting = {(row.snapshot_id, row.post_id) for row in pending_erasures(subject, snapshots)}
    pending = Counter(snapshot_id for snapshot_id, _ in waiting)
    downloaded: dict[int, list[DownloadSummary]] = defaultdict(list)
    for one in had:
        downloaded[one.snapshot.pk].append(one)
    return [
        Contribution(
            each,
            held=counts[each.pk]["held"],
            pending=pending[each.pk],
            removed=counts[each.pk]["removed"],
            decisions=counts[each.pk]["decisions"],
            newest_decision=counts[each.pk]["newest"],
            downloads=downloaded.get(each.pk, ()),
        )
        if each.pk in counts
        else Contribution(each)
        for each in snapshots
    ]


def record_counts(subject: UUID, snapshot_ids: Collection[int]) -> QuerySet[Any, Any]:
    there = Q(removed_in__isnull=True)
    return (
        RowProvenance.objects.filter(subject=subject, snapshot__in=snapshot_ids)
        .values("snapshot")
        .annotate(
            held=Count("post_id", distinct=True, filter=there),
            removed=Count("post_id", distinct=True, filter=~there),
            decisions=Count("consent_position", distinct=True),
            newest=Max("consent_position"),
        )
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """A person's totals over all snapshots."""

    posts: int
    data_sets: int
    downloaders: int
    pending: int
    removed: int


def totals(subject: UUID, had: Iterable[DownloadSummary]) -> Totals:
    """Return how many posts are downloadable, pending and erased."""
    of_person = RowProvenance.objects.filter(subject=subject)
    snapshots = list(
        Snapshot.objects.filter(pk__in=of_person.values("snapshot"))
        .defer("manifest_json", "pseudonym_key")
        .order_by("pk")
    )
    withheld = pending_erasures(subject, snapshots)
    served = of_person.filter(removed_in__isnull=True, snapshot__state__in=Snapshot.SERVED)
    kept = served.exclude(pk__in=[row.record_id for row in withheld]).aggregate(
        posts=Count("post_id", distinct=True), data_sets=Count("snapshot__name", distinct=True)
    )
    removed = of_person.filter(removed_in__isnull=False).aggregate(
        posts=Count("post_id", distinct=True)
    )["posts"]
    return Totals(
        posts=kept["posts"],
        data_sets=kept["data_sets"],
        downloaders=len({one.access.pk for one in had}),
        pending=len({row.post_id for row in withheld}),
        removed=removed,
    )
