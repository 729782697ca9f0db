"""Access to datasets: grants, requests and downloads."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum

from accounts.models import AccessToken, User
from dataset_export.models import AccessRequest, Download, RowProvenance, Shard, Snapshot

SERVED = (200, 206)
# A grant can be extended from so many days before its end.
RENEWAL_DAYS = 30
MAX_EARLIER_REQUESTS = 20


def may_download(user: User | AnonymousUser, dataset: Snapshot | str) -> bool:
    """Tell whether a user may download a dataset now: the one check, wherever files are served."""
    return grant_of(user, dataset) is not None


def grant_of(user: User | AnonymousUser, dataset: Snapshot | str) -> AccessRequest | None:
    """Return the active grant of a user for a dataset, the longest one."""
    if user.is_anonymous:
        return None
    name = dataset.name if isinstance(dataset, Snapshot) else dataset
    grants = AccessRequest.objects.in_force().filter(user=user, dataset=name)
    return grants.order_by("-granted_until", "-pk").first()


def granted_datasets(user: User | AnonymousUser) -> list[str]:
    """Return the names of datasets a user may download now."""
    if user.is_anonymous:
        return []
    grants = AccessRequest.objects.in_force().filter(user=user)
    return list(grants.order_by("dataset").values_list("dataset", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class AccessStatus:
    """A user's access status for a dataset."""

    grant: AccessRequest | None = None
    newest: AccessRequest | None = None

    @property
    def may_download(self) -> bool:
        return self.grant is not None

    @property
    def has_to_agree(self) -> bool:
        """Only new terms are missing."""
        return self.grant is None and self.newest is not None and self.newest.is_running

    @property
    def may_ask(self) -> bool:
        if self.newest is not None and (self.newest.is_open or self.has_to_agree):
            return False
        return self.grant is None or self.grant.ends_within(RENEWAL_DAYS)


def get_access_status(user: User | AnonymousUser, name: str) -> AccessStatus:
    """Return the access status: the active grant, and the latest request."""
    if user.is_anonymous:
        return AccessStatus()
    newest = AccessRequest.objects.filter(user=user, dataset=name).order_by("-pk").first()
    return AccessStatus(grant_of(user, name) if newest else None, newest)


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as its requester sees it."""

    access: AccessRequest
    is_served: bool
    is_in_force: bool
    has_to_agree: bool
    may_ask_again: bool


def list_requests(user: User) -> list[RequestView]:
    """List a user's requests, newest first, with the possible next steps."""
    requests = list(
        AccessRequest.objects.filter(user=user).select_related("user", "terms").order_by("-pk")
    )
    in_force = set(AccessRequest.objects.in_force().filter(user=user).values_list("pk", flat=True))
    standings: dict[str, AccessStatus] = {}
    for name in {request.dataset for request in requests}:
        of_name = [request for request in requests if request.dataset == name]
        grants = sorted((request for request in of_name if request.pk in in_force), key=expiry)
        standings[name] = AccessStatus(grants[-1] if grants else None, of_name[0])
    served = set(
        Snapshot.objects.published().filter(name__in=standings).values_list("name", flat=True)
    )
    return [
        RequestView(
            request,
            is_served=request.dataset in served,
            is_in_force=request.pk in in_force,
            has_to_agree=request.is_running and request.pk not in in_force,
            may_ask_again=(standing := standings[request.dataset]).newest == request
            and standing.may_ask
            and request.dataset in served,
        )
        for request in requests
    ]


def earlier_requests(request: AccessRequest) -> QuerySet[AccessRequest]:
    """Return other requests by the same user or organisation, newest first."""
    by_same = Q(user=request.user_id) if request.user_id else Q(pk=None)
    if request.organisation:
        by_same |= Q(organisation__iexact=request.organisation)
    others = AccessRequest.objects.filter(by_same).exclude(pk=request.pk)
    return others.select_related("user", "decided_by").order_by("-pk")[:MAX_EARLIER_REQUESTS]


def expiry(grant: AccessRequest) -> datetime:
    assert grant.granted_until is not None
    return grant.granted_until


def has_token(user: User) -> bool:
    """Tell whether one of the user's tokens could download."""
    return (
        user.access_tokens.in_force()
        .filter(scopes__contains=[AccessToken.Scope.DATASETS_READ])
        .exists()
    )


@dataclass(frozen=True, slots=True)
class Downloader:
    """Who downloaded a snapshot, for which purpose and when."""

    name: str
    purpose: str
    snapshot: Snapshot
    first_at: datetime
    last_at: datetime
    files: int
    bytes: int


def downloads_of_snapshot(snapshot: Snapshot) -> list[Downloader]:
    """Return the downloaders of a snapshot, latest first."""
    return downloaders(Download.objects.filter(snapshot=snapshot))


def downloads_of_subject(subject: UUID) -> list[Downloader]:
    """Return the downloaders of files with this person's rows, latest first."""
    rows = RowProvenance.objects.filter(
        subject=subject,
        snapshot=OuterRef("snapshot"),
        split=OuterRef("split"),
        shard_number=OuterRef("number"),
    )
    files = Shard.objects.filter(Exists(rows), snapshot=OuterRef("snapshot"), path=OuterRef("path"))
    of_theirs = Snapshot.objects.filter(
        Exists(RowProvenance.objects.filter(subject=subject, snapshot=OuterRef("pk")))
    )
    return downloaders(Download.objects.filter(Exists(files), snapshot__in=of_theirs.values("pk")))


def downloaders(downloads: QuerySet[Download]) -> list[Downloader]:
    """Aggregate downloads by grant and snapshot."""
    sums = list(
        downloads.filter(status__in=SERVED)
        .values("access", "snapshot")
        .annotate(
            first_at=Min("at"),
            last_at=Max("at"),
            files=Count("path", distinct=True),
            bytes=Sum("bytes_asked"),
        )
        .order_by("-last_at", "-access", "-snapshot")
    )
    grants = AccessRequest.objects.select_related("user").in_bulk({row["access"] for row in sums})
    snapshots = Snapshot.objects.defer("manifest_json", "pseudonym_key").in_bulk(
        {row["snapshot"] for row in sums}
    )
    return [
        Downloader(
            name=grants[row["access"]].requester,
            purpose=grants[row["access"]].purpose,
            snapshot=snapshots[row["snapshot"]],
            first_at=row["first_at"],
            last_at=row["last_at"],
            files=row["files"],
            bytes=row["bytes"],
        )
        for row in sums
    ]
