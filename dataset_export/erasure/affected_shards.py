"""Find the shards and rows that must be rewritten, with the reason of each row."""

from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    QuerySet,
    Value,
    When,
)

from accounts.models import User
from consent.models import Subject
from dataset_export.builds.locks import TaskNotAvailableError
from dataset_export.eligibility import reviewer_exclusions, revoked_records
from dataset_export.erasure.held import may_return, returning_rows
from dataset_export.models import Removal, RowProvenance, Shard, ShardRewrite, Snapshot
from posts.models import Post

_State, _Reason = Snapshot.State, Removal.Reason

# States with files. Running builds are handled by `in_progress_builds`.
STATES_WITH_FILES = (
    _State.IN_REVIEW,
    _State.PUBLISHED,
    _State.SUPERSEDED,
    _State.WITHDRAWN,
)


class ShardKey(NamedTuple):
    """The location of a shard; its files in three formats hold the same rows."""

    configuration: str
    split: str
    shard_number: int


def lock_snapshot(snapshot_id: int) -> Snapshot:
    """Return a snapshot with its row locked against approval and erasure.

    Raises:
        TaskNotAvailableError: it has no files.
    """
    held = Snapshot.objects.select_for_update(of=("self",)).filter(
        pk=snapshot_id, state__in=STATES_WITH_FILES
    )
    snapshot = held.order_by("pk").first()
    if snapshot is None:
        raise TaskNotAvailableError
    return snapshot


class Removed(NamedTuple):
    """Why a row must be removed, and whether that may still be reversed."""

    reason: str
    may_return: bool


def shards_to_rewrite(snapshot: Snapshot) -> list[ShardKey]:
    """Return shards with revoked or returning rows, without those already rewritten."""
    touched = set(revoked_records(snapshot).values_list(*ShardKey._fields).distinct())
    touched |= set(returning_rows(snapshot).values_list(*ShardKey._fields).distinct())
    ready = ShardRewrite.objects.filter(shard__snapshot=snapshot).values_list(
        "shard__configuration", "shard__split", "shard__number"
    )
    return [ShardKey(*place) for place in sorted(touched - set(ready))]


def rows_to_remove(snapshot: Snapshot, place: ShardKey) -> dict[int, Removed]:
    """Return the revoked rows of a shard; any revoked message removes its conversation.

    A row may return only if nothing else keeps any of its messages out.
    """
    rows: dict[int, Removed] = {}
    withheld = with_reason(snapshot, revoked_records(snapshot, **place._asdict()))
    columns = ("row", "reason", "may_return")
    for row, *why in withheld.order_by("row", "message").values_list(*columns):
        found = Removed(*why)
        if row not in rows or (rows[row].may_return and not found.may_return):
            rows[row] = found
    return rows


def with_reason(snapshot: Snapshot, records: QuerySet[RowProvenance]) -> QuerySet[Any]:
    """Annotate revoked records with their current `reason` and whether they `may_return`."""
    subject = Subject.objects.filter(pk=OuterRef("subject"))
    post = Post.objects.filter(pk=OuterRef("post_id"))
    author = User.objects.filter(consent_subject=OuterRef("subject"))
    first_that_holds = (
        (Exists(reviewer_exclusions(snapshot)), _Reason.EXCLUSION),
        (~Exists(subject), _Reason.ACCOUNT_CLOSED),
        (~Exists(post), _Reason.POST_DELETED),
        (Exists(author.filter(suspended_at__isnull=False)), _Reason.SUSPENDED),
        (Exists(author.filter(is_active=False)), _Reason.ACCOUNT_CLOSED),
        (~Exists(post.filter(visibility=Post.Visibility.PUBLIC)), _Reason.POST_NOT_PUBLIC),
        (~Exists(post.filter(authorship=Post.Authorship.HUMAN)), _Reason.POST_NOT_HUMAN),
    )
    cases = [When(condition, then=Value(reason)) for condition, reason in first_that_holds]
    return records.annotate(
        reason=Case(*cases, default=Value(_Reason.CONSENT_WITHDRAWN), output_field=CharField()),
        may_return=ExpressionWrapper(may_return(snapshot), BooleanField()),
    )


def shards_for_key(snapshot: Snapshot, place: ShardKey) -> dict[str, Shard]:
    """Return the files of a shard by format."""
    shards = snapshot.shards.filter(
        configuration=place.configuration, split=place.split, number=place.shard_number
    )
    return {shard.format: shard for shard in shards}
