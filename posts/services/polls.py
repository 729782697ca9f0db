from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from common.models import OutboxEvent
from common.outbox import emit
from posts.models import Poll, PollVote, Post
from posts.selectors import has_votes
from posts.services.locks import hold_actor, lock_posts_for_reference


class VoteError(Exception):
    """The poll has ended, is one's own, or was voted in already; or the choice is none."""


class PollChangeError(Exception):
    """Somebody has voted, or the poll has ended."""


@dataclass(frozen=True, slots=True)
class PollDraft:
    """A poll that somebody wants to begin with a post, or make of one; without hours it ends when it did."""

    options: tuple[str, ...]
    hours: int | None
    is_multiple: bool = False
    hides_results: bool = False


def add_poll(post: Post, draft: PollDraft) -> None:
    """Begin a poll together with its post."""
    Poll.objects.create(post=post, **initial_columns(draft))


def initial_columns(draft: PollDraft) -> dict[str, Any]:
    """Return the columns of a poll in which nobody has voted."""
    values: dict[str, Any] = {
        "options": list(draft.options),
        "counts": [0] * len(draft.options),
        "is_multiple": draft.is_multiple,
        "hides_results": draft.hides_results,
    }
    return values | (
        {"ends_at": timezone.now() + timedelta(hours=draft.hours)} if draft.hours else {}
    )


def replace_poll(post: Post, draft: PollDraft | None) -> None:
    """Give a post this poll, or none, in place of the one that it has, if nobody has voted in that.

    Raises:
        CannotChangePoll: with words for the author.
    """
    # Held, so that no vote is for answers that have changed meanwhile.
    held = Poll.objects.select_for_update().filter(post=post).order_by("pk").first()
    if held is not None and (held.has_ended or has_votes(post)):
        raise PollChangeError(
            "Someone has voted, or the poll has ended, so it can no longer be changed."
        )
    if held is None:
        if draft is not None:
            add_poll(post, draft)
    elif draft is None:
        held.delete()
    else:
        Poll.objects.filter(pk=held.pk).update(**initial_columns(draft))


@transaction.atomic
def vote(*, user: User, post: Post, choices: Collection[int], seen: str | None = None) -> None:
    """Vote in a post's poll, once and for good; whoever reads the post may.

    `seen` is the version of the poll (`Poll.version`) that the person has read: None for the one that there is now,
    empty for the one that was published.

    Raises:
        CannotVote: with words for the person.
        Poll.DoesNotExist: the post has none, or none any more.
    """
    hold_actor(user.pk)
    lock_posts_for_reference([post.pk])
    # Held until the vote is counted, so that no vote is lost and none comes after the end.
    poll = Poll.objects.select_for_update(of=("self",)).select_related("post").get(post=post)
    chosen = set(choices)
    if poll.post.author_id == user.pk:
        raise VoteError("This is your own poll.")
    if poll.has_ended:
        raise VoteError("This poll has ended.")
    if not is_up_to_date(poll, seen):
        raise VoteError("The poll changed, look again.")
    if not chosen or not chosen <= set(range(len(poll.options))):
        raise VoteError("Choose one of the answers first.")
    if len(chosen) > 1 and not poll.is_multiple:
        raise VoteError("Only one answer can be chosen.")
    try:
        with transaction.atomic():
            PollVote.objects.create(poll=poll, user=user, choices=sorted(chosen))
    except IntegrityError as twice:
        raise VoteError("You have voted already.") from twice


def is_up_to_date(poll: Poll, seen: str | None) -> bool:
    """Say whether what somebody has read of a poll is what it says now."""
    if not seen:
        return seen is None or poll.post.edited_at is None
    return seen == poll.version(poll.post.edited_at)


@transaction.atomic
def close_next_poll() -> bool:
    """Tell, once, of the end of one poll whose time is over; False where there is none that is free."""
    over = Poll.objects.filter(
        notified_at__isnull=True, ends_at__lte=timezone.now()
    ).select_related("post")
    poll = over.select_for_update(skip_locked=True, of=("self",)).order_by("ends_at", "pk").first()
    if poll is None:
        return False
    poll.notified_at = timezone.now()
    poll.save(update_fields=["notified_at"])
    emit(OutboxEvent.Topic.POLL_ENDED, actor=poll.post.author_id, post=poll.post_id)
    return True
