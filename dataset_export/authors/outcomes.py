"""Outcome of a person's posts in datasets: included, dropped or ineligible, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from consent.models import ConsentEvent
from consent.selectors import ConsentStatus
from consent.services import get_or_create_subject
from dataset_export.builds.drop_reasons import changes_in_words, reason_for
from dataset_export.eligibility import exportable_posts
from dataset_export.models import DroppedPost, RowProvenance, Snapshot
from posts.models import Post
from posts.presentation.training_status import ineligibility_reason, is_shared

INCLUDED, REMOVED, DROPPED, INELIGIBLE = "taken", "removed", "left out", "not considered"
_State = Snapshot.State


@dataclass(frozen=True, slots=True)
class PostOutcome:
    """A post's outcome in one snapshot, the reason, and advice."""

    snapshot: Snapshot
    outcome: str
    why: str = ""
    advice: str = ""
    changes: tuple[str, ...] = ()
    earlier_post: int | None = None
    # Ledger position of the grant it was exported under.
    decision: int | None = None


def built_snapshots() -> QuerySet[Snapshot]:
    """Return completed, not rejected snapshots, without their manifests."""
    return (
        Snapshot.objects.filter(built_at__isnull=False)
        .exclude(state=_State.CANCELLED)
        .defer("manifest_json")
    )


def outcomes(post: Post, snapshots: list[Snapshot]) -> list[PostOutcome]:
    """Return a post's outcome in each snapshot, in a constant number of queries."""
    records = {
        each.snapshot_id: each
        for each in RowProvenance.objects.filter(post_id=post.pk, snapshot__in=snapshots)
    }
    drops = {
        each.snapshot_id: each
        for each in DroppedPost.objects.filter(post_id=post.pk, snapshot__in=snapshots)
    }
    still = current_purposes(post, {each.purpose for each in snapshots})
    events = decisions_for_post(post)
    own = own_posts(post, drops.values())
    return [
        included(each, records[each.pk], each.purpose in still)
        if each.pk in records
        else dropped(each, drops[each.pk], own)
        if each.pk in drops
        else PostOutcome(each, INELIGIBLE, *why_not_considered(post, each, events))
        for each in snapshots
    ]


def current_purposes(post: Post, purposes: Iterable[str]) -> set[str]:
    """Return the purposes for which the post is exportable today."""
    return {
        purpose for purpose in purposes if exportable_posts(purpose).filter(pk=post.pk).exists()
    }


def own_posts(post: Post, drops: Iterable[DroppedPost]) -> set[int]:
    """Return which duplicates are by the same author: others' posts are not revealed."""
    earlier = [drop.duplicate_of for drop in drops if drop.duplicate_of is not None]
    return set(
        Post.objects.filter(pk__in=earlier, author=post.author_id).values_list("pk", flat=True)
    )


def included(snapshot: Snapshot, record: RowProvenance, is_still_shared: bool) -> PostOutcome:
    changes, decision = tuple(changes_in_words(record.changed)), record.consent_position
    if record.removed_in is not None:
        return PostOutcome(
            snapshot, REMOVED, "It was in there until it was erased.", decision=decision
        )
    if is_still_shared:
        return PostOutcome(snapshot, INCLUDED, changes=changes, decision=decision)
    why = "You do not share it any more, so the file that holds it is not served. The next revision is without it."
    return PostOutcome(snapshot, INCLUDED, why, changes=changes, decision=decision)


def dropped(snapshot: Snapshot, drop: DroppedPost, own: set[int]) -> PostOutcome:
    words = reason_for(drop.step, drop.reason)
    earlier = drop.duplicate_of if drop.duplicate_of in own else None
    return PostOutcome(snapshot, DROPPED, words.why, words.advice, earlier_post=earlier)


def decisions_for_post(post: Post) -> list[ConsentEvent]:
    """Return all decisions that affect a post, oldest first."""
    subject = get_or_create_subject(post.author)
    bearing = Q(scope=ConsentEvent.Scope.ACCOUNT, subject=subject.pk) | Q(
        scope=ConsentEvent.Scope.POST, post_id=post.pk
    )
    return list(ConsentEvent.objects.filter(bearing).select_related("notice").order_by("position"))


def why_not_considered(
    post: Post, snapshot: Snapshot, events: list[ConsentEvent]
) -> tuple[str, str]:
    """Return why a post was ineligible for a build, and what its author can do."""
    if post.pk > (snapshot.post_watermark or 0):
        return "You wrote it after this dataset was begun.", ""
    never = ineligibility_reason(post)
    if never is not None:
        return never, ""
    standing = consent_at(post, snapshot, events)
    event = standing.effective_decision(post.pk, snapshot.purpose)
    purpose = snapshot.get_purpose_display()
    if event is None:
        return f"You had not answered for {purpose} then, and silence is no.", ADVICE
    if not event.is_grant:
        of_post = event.scope == ConsentEvent.Scope.POST
        return f"You had said no to {purpose}{' for this post' if of_post else ''} then.", ADVICE
    if standing.is_outdated(event):
        return (
            f"The terms for {purpose} had changed, and you had not said yes to the new ones then.",
            ADVICE,
        )
    if not is_shared(post, snapshot.purpose, standing):
        return (
            f"Your yes to {purpose} was for what you write from then on, and this post is older.",
            ADVICE,
        )
    return (
        "When the dataset was begun, it was not public or your account could not share anything.",
        "",
    )


ADVICE = "If you want it to be used, say so for this post or in your settings; the next revision asks again."


def consent_at(post: Post, snapshot: Snapshot, events: list[ConsentEvent]) -> ConsentStatus:
    """Return the author's decision when the build started."""
    account: dict[str, ConsentEvent] = {}
    own: dict[str, ConsentEvent] = {}
    for event in events:
        if event.position < (snapshot.ledger_size or 0):
            (account if event.post_id is None else own)[event.purpose] = event
    required = {snapshot.purpose: snapshot.notice_version or 0}
    return ConsentStatus(adult=True, account=account, posts={post.pk: own}, required=required)


@dataclass(frozen=True, slots=True)
class OutcomeSummary:
    """A person's included and dropped posts in a snapshot, by reason."""

    snapshot: Snapshot
    taken: int
    left_out: tuple[tuple[str, int], ...]


def outcome_summaries(author: User, snapshots: list[Snapshot]) -> list[OutcomeSummary]:
    """Return a person's outcomes by snapshot, in a constant number of queries."""
    subject = get_or_create_subject(author)
    present = RowProvenance.objects.filter(
        snapshot__in=snapshots, subject=subject.pk, removed_in__isnull=True
    )
    records = present.values("snapshot")
    rows = dict(
        records.annotate(posts=Count("post_id", distinct=True)).values_list("snapshot", "posts")
    )
    drops = drops_of(author).filter(snapshot__in=snapshots).values("snapshot", "step", "reason")
    reasons: dict[int, list[tuple[str, int]]] = {}
    counted = drops.annotate(posts=Count("pk")).order_by("-posts", "step", "reason")
    for snapshot_id, step, reason, posts in counted.values_list(
        "snapshot", "step", "reason", "posts"
    ):
        reasons.setdefault(snapshot_id, []).append((reason_for(step, reason).label, posts))
    return [
        OutcomeSummary(each, rows.get(each.pk, 0), tuple(reasons.get(each.pk, ())))
        for each in snapshots
    ]


def drops_of(author: User) -> QuerySet[DroppedPost]:
    """Return why a person's posts are not in snapshots, post by post."""
    return DroppedPost.objects.filter(post_id__in=Post.objects.filter(author=author).values("pk"))
