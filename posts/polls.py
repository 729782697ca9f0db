"""A poll as one viewer sees it on a card."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db.models import IntegerField, OuterRef, Subquery, Value

from accounts.selectors import Viewer
from posts.models import Poll, PollVote, Post


@dataclass(frozen=True, slots=True)
class Option:
    text: str
    count: int
    percent: int
    is_mine: bool


@dataclass(slots=True)
class Ballot:
    """The counts are told where `shows_counts`; `error` is what was wrong with a vote just now."""

    options: list[Option]
    voter_count: int
    is_multiple: bool
    ends_at: datetime
    has_ended: bool
    may_vote: bool
    shows_counts: bool
    error: str = ""


def attach_polls(posts: Iterable[Post], viewer: Viewer) -> None:
    """Set `poll` on the posts that have one, in one query or none."""
    asking = [post for post in posts if post.has_poll]
    if not asking:
        return
    polls = Poll.objects.filter(post__in={post.pk for post in asking})
    if viewer.is_anonymous:
        polls = polls.annotate(mine=Value(None, IntegerField()))
    else:
        mine = PollVote.objects.filter(poll=OuterRef("pk"), user=viewer).values("choices")
        polls = polls.annotate(mine=Subquery(mine))
    found = polls.in_bulk()
    for post in asking:
        if poll := found.get(post.pk):
            mine_of = cast("Collection[int] | None", poll.mine)
            post.poll = ballot(poll, mine_of, is_own=post.author_id == viewer.pk)  # type: ignore[misc]


def ballot(poll: Poll, mine: Collection[int] | None, *, is_own: bool) -> Ballot:
    has_ended, voted = poll.has_ended, mine is not None
    return Ballot(
        options=[
            Option(text, count, percent(count, poll.voter_count), number in (mine or ()))
            for number, (text, count) in enumerate(zip(poll.options, poll.counts, strict=True))
        ],
        voter_count=poll.voter_count,
        is_multiple=poll.is_multiple,
        ends_at=poll.ends_at,
        has_ended=has_ended,
        may_vote=not (has_ended or voted or is_own),
        shows_counts=has_ended or voted or not poll.hides_counts,
    )


def percent(count: int, of: int) -> int:
    return round(100 * count / of) if of else 0
