"""Eligibility: the one query that decides which posts may be exported, and what follows."""

from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from accounts.models import User
from consent.models import ConsentEvent, Subject
from consent.notices import min_valid_versions
from dataset_export.models import (
    Document,
    Exclusion,
    Revision,
    RowProvenance,
    Shard,
    Snapshot,
    StagedPost,
)
from dataset_export.pipeline.recipe import POSTS
from posts.models import Post, PostQuerySet, Retraction

_Scope, _Decision, _Covers = ConsentEvent.Scope, ConsentEvent.Decision, ConsentEvent.Covers
# The row of a post in a finished snapshot or in its build.
Row = TypeVar("Row", RowProvenance, StagedPost)


class AssumedGrant(NamedTuple):
    """An unrecorded grant of a user, to preview its effect.

    It covers all posts so far, or only those from now on (`covers_everything=False`).
    """

    user_id: int
    covers_everything: bool


def exportable_posts(
    purpose: str,
    as_of: int | None = None,
    notice_version: int | None = None,
    *,
    assumed: AssumedGrant | None = None,
) -> PostQuerySet:
    """Return the posts that may be exported for a purpose: the one gate of every export.

    Args:
        as_of: number of ledger events that count; all by default.
        notice_version: lowest version of the notice whose grants count; by default the one that
            is required today.
        assumed: return that user's posts as if this grant were the newest decision of the
            account, with the age attested. Reads only, unlike recording it.

    Each post carries `subject` and `consent_position`, the decision that it rests on: the post's
    own, else the account's (None for an assumed one). Visibility, authorship and the author's
    status are those of the moment, whatever `as_of` is.
    """
    if assumed is not None:
        posts = Post.objects.public().filter(author_id=assumed.user_id)
        return consented_if_granted(posts, purpose, assumed)
    return consented(Post.objects.public(), purpose, as_of, notice_version)


def returnable_posts(purpose: str, notice_version: int | None = None) -> PostQuerySet:
    """Return posts that only the state of their author's account keeps from export.

    Not for export: it separates rows that are held from rows that are erased.
    """
    posts = Post.objects.without_reposts().filter(visibility=Post.Visibility.PUBLIC)
    return consented(posts, purpose, None, notice_version).filter(
        Q(author__is_active=False) | Q(author__suspended_at__isnull=False)
    )


def consented(
    posts: PostQuerySet, purpose: str, as_of: int | None, notice_version: int | None
) -> PostQuerySet:
    """Filter to human posts of attested adults, under an active grant."""
    newest = newest_positions(purpose, as_of)
    of_account = newest.filter(scope=_Scope.ACCOUNT, subject=OuterRef("author__consent_subject"))[
        :1
    ]
    reaches = (
        Q(scope=_Scope.POST) | Q(covers=_Covers.EVERYTHING) | Q(at__lte=OuterRef("created_at"))
    )
    return (
        posts.filter(
            authorship=Post.Authorship.HUMAN,
            author__consent_subject__adult_attested_at__isnull=False,
        )
        .annotate(
            subject=F("author__consent_subject"),
            consent_position=Coalesce(Subquery(own_decision(newest)), Subquery(of_account)),
        )
        .filter(Exists(valid_grants(purpose, notice_version).filter(reaches)))
    )


def consented_if_granted(posts: PostQuerySet, purpose: str, assumed: AssumedGrant) -> PostQuerySet:
    """Filter to human posts that an assumed grant, or one of their own, would export."""
    own = own_decision(newest_positions(purpose, None))
    eligible = Q(Exists(valid_grants(purpose, None)))
    if assumed.covers_everything:
        eligible |= Q(consent_position__isnull=True)
    return (
        posts.filter(authorship=Post.Authorship.HUMAN)
        .annotate(subject=F("author__consent_subject"), consent_position=Subquery(own))
        .filter(eligible)
    )


def newest_positions(purpose: str, as_of: int | None) -> QuerySet[Any, Any]:
    """Return ledger positions for a purpose, newest first."""
    ledger = ConsentEvent.objects.filter(purpose=purpose)
    if as_of is not None:
        ledger = ledger.filter(position__lt=as_of)
    return ledger.order_by("-position").values("position")


def own_decision(newest: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Return the position of an outer post's own decision, if any.

    A cleared decision counts as none: the post follows the account again.
    """
    position = Case(When(decision=_Decision.CLEARED, then=None), default=F("position"))
    return newest.filter(scope=_Scope.POST, post_id=OuterRef("pk")).values(own=position)[:1]


def valid_grants(purpose: str, notice_version: int | None) -> QuerySet[ConsentEvent]:
    """Return an outer post's decision if it is a grant under a notice that still counts."""
    if notice_version is None:
        notice_version = min_valid_versions().get(purpose, 0)
    return ConsentEvent.objects.filter(
        position=OuterRef("consent_position"),
        notice__version__gte=notice_version,
        decision=_Decision.GRANTED,
    )


def revoked_records(snapshot: Snapshot, **place: str | int | UUID) -> QuerySet[RowProvenance]:
    """Return the rows of a snapshot, or of a part of it, that must not be served.

    Takes effect with the change. Indexed lookups of changes since the watermarks keep it fast.
    Erased rows don't count.
    """
    return revoked(snapshot, snapshot.provenance.filter(removed_in__isnull=True, **place))


def revoked_candidates(snapshot: Snapshot) -> QuerySet[StagedPost]:
    """Return the staged posts of a build that must not go into it."""
    return revoked(snapshot, snapshot.staged_posts.all())


def revoked(snapshot: Snapshot, there: QuerySet[Row]) -> QuerySet[Row]:
    """Filter rows or staged posts of a snapshot to those that must not be used."""
    exportable = exportable_posts(snapshot.purpose, notice_version=snapshot.notice_version)
    still_exportable = exportable.filter(pk=OuterRef("post_id"))
    return there.filter(pk__in=changed_since_watermark(snapshot, there)).exclude(
        Exists(still_exportable), ~Exists(reviewer_exclusions(snapshot))
    )


def changed_since_watermark(snapshot: Snapshot, there: QuerySet[Row]) -> QuerySet[Any]:
    """Return rows whose author, post or exclusion changed since the build began."""
    # A grant for everything revokes nothing; one from now on revokes earlier posts.
    narrowed = ConsentEvent.objects.filter(
        position__gte=snapshot.ledger_size, purpose=snapshot.purpose
    ).exclude(decision=_Decision.GRANTED, covers=_Covers.EVERYTHING)
    retracted = Retraction.objects.filter(pk__gt=snapshot.retraction_watermark)
    out_of_use = User.objects.filter(Q(is_active=False) | Q(suspended_at__isnull=False))
    excluded = Exclusion.objects.filter(name=snapshot.name)
    changes = (
        there.filter(subject__in=narrowed.values("subject")),
        there.filter(post_id__in=retracted.values("post_id")),
        there.filter(subject__in=Subject.objects.filter(user__in=out_of_use).values("pk")),
        there.filter(post_id__in=excluded.filter(post_id__isnull=False).values("post_id")),
        there.filter(subject__in=excluded.filter(subject__isnull=False).values("subject")),
    )
    # A union, as each part has its own index; one condition with OR would scan all rows.
    first, *others = (change.values("pk") for change in changes)
    return first.union(*others)


def reviewer_exclusions(snapshot: Snapshot) -> QuerySet[Exclusion]:
    """Return the exclusions that cover the post of an outer row."""
    return Exclusion.objects.filter(
        Q(post_id=OuterRef("post_id")) | Q(subject=OuterRef("subject")), name=snapshot.name
    )


def has_revoked_rows(shard: Shard) -> bool:
    """Return whether a shard holds a row that must not be served."""
    return revoked_records(
        shard.snapshot,
        configuration=shard.configuration,
        split=shard.split,
        shard_number=shard.number,
    ).exists()


def snapshots_containing_user(subject: UUID) -> QuerySet[Snapshot]:
    """Return the snapshots with rows of a subject and their count, newest first."""
    return (
        Snapshot.objects.filter(provenance__subject=subject)
        .exclude(state=Snapshot.State.CANCELLED)
        .annotate(own_rows=Count("provenance"))
        .order_by("-pk")
    )


def downloadable_snapshots() -> QuerySet[Snapshot]:
    """Return the published snapshots, one per dataset, newest first."""
    return Snapshot.objects.published().select_related("recipe").order_by("-published_at", "-pk")


def ordered_shards(snapshot: Snapshot) -> QuerySet[Shard]:
    """Return the files of a snapshot in the order of listings."""
    return snapshot.shards.order_by("configuration", "split", "number", "format")


def documents_of(snapshot: Snapshot) -> QuerySet[Document]:
    """Return the documents of a snapshot's current revision, without their contents."""
    newest = Revision.objects.filter(snapshot=snapshot).order_by("-number").values("number")[:1]
    return snapshot.documents.filter(revision=Subquery(newest)).defer("content").order_by("path")


def counted_configuration(snapshot: Snapshot) -> str:
    """Return the configuration in which each post counts once: posts, else conversations."""
    configurations = snapshot.recipe.steps().configurations
    return POSTS if POSTS in configurations else configurations[0]
