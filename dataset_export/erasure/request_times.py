"""When a removal was requested: the moment from which an erasure is measured."""

from typing import Any

from django.db.models import Case, DateTimeField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Greatest

from consent.models import ConsentEvent
from dataset_export.models import Exclusion, Removal, Revision, RowProvenance
from posts.models import Retraction

_Reason, _Scope, _Decision, _Covers = (
    Removal.Reason,
    ConsentEvent.Scope,
    ConsentEvent.Decision,
    ConsentEvent.Covers,
)
POSTS_SQL = (
    _Reason.POST_DELETED,
    _Reason.POST_NOT_PUBLIC,
    _Reason.POST_NOT_HUMAN,
    _Reason.ACCOUNT_CLOSED,
)
# The columns that identify a row in records, removals and held rows.
ROW_SQL = ("snapshot", "configuration", "split", "shard_number", "row")


def with_removal(records: QuerySet[RowProvenance]) -> QuerySet[Any]:
    """Annotate removed records with `reason`, `gone_at` and `asked_at`.

    The request is the newest change before the revision. `asked_at` is None if its time is unknown,
    as for suspensions, or if another's message took the conversation along.
    """
    removal = Removal.objects.filter(
        returned_in__isnull=True, **{column: OuterRef(column) for column in ROW_SQL}
    )
    revision = Revision.objects.filter(snapshot=OuterRef("snapshot"), number=OuterRef("removed_in"))
    return records.annotate(
        reason=Subquery(removal.values("reason")[:1]),
        gone_at=Subquery(revision.values("at")[:1]),
        asked_at=Case(
            When(reason=_Reason.CONSENT_WITHDRAWN, then=withdrawn_at()),
            When(reason__in=POSTS_SQL, then=retracted_at()),
            When(reason=_Reason.EXCLUSION, then=excluded_at()),
            default=None,
            output_field=DateTimeField(),
        ),
    )


def withdrawn_at() -> Greatest:
    """Return the newer of the latest account and post decisions; each has its own index."""
    narrowed = (
        ConsentEvent.objects.filter(
            purpose=OuterRef("snapshot__purpose"),
            position__gte=OuterRef("snapshot__ledger_size"),
            at__lte=OuterRef("gone_at"),
        )
        .exclude(decision=_Decision.GRANTED, covers=_Covers.EVERYTHING)
        .order_by("-position")
        .values("at")
    )
    of_account = narrowed.filter(scope=_Scope.ACCOUNT, subject=OuterRef("subject"))[:1]
    of_post = narrowed.filter(scope=_Scope.POST, post_id=OuterRef("post_id"))[:1]
    return Greatest(Subquery(of_account), Subquery(of_post))


def retracted_at() -> Subquery:
    retracted = Retraction.objects.filter(
        post_id=OuterRef("post_id"),
        pk__gt=OuterRef("snapshot__retraction_watermark"),
        at__lte=OuterRef("gone_at"),
    )
    return Subquery(retracted.order_by("-pk").values("at")[:1])


def excluded_at() -> Greatest:
    excluded = Exclusion.objects.filter(
        name=OuterRef("snapshot__name"), at__lte=OuterRef("gone_at")
    )
    of_post = excluded.filter(post_id=OuterRef("post_id")).values("at")[:1]
    of_person = excluded.filter(subject=OuterRef("subject")).values("at")[:1]
    return Greatest(Subquery(of_post), Subquery(of_person))
