"""A poll as one viewer sees it on a card."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.selectors import Viewer
from posts.models import Poll, Post
from posts.models.queryset import POLL_FIELDS


@dataclass(frozen=True, slots=True)
class PollOptionView:
    text: str
    count: int
    percent: int
    is_mine: bool


@dataclass(slots=True)
class PollView:
    """Results are present if `shows_counts`; `error` is the problem of a vote just sent.

    `version` is the token of what is displayed: see `Poll.version`.
    """

    options: list[PollOptionView]
    voter_count: int
    is_multiple: bool
    ends_at: datetime
    has_ended: bool
    may_vote: bool
    shows_counts: bool
    version: str
    error: str = ""


def attach_polls(posts: Iterable[Post], viewer: Viewer) -> None:
    """Set `poll` on posts annotated by `with_card_data`."""
    for post in posts:
        if post.poll_row is not None:
            poll, mine = get_poll(post.poll_row)
            post.poll = build_poll_view(poll, mine, post, viewer)  # type: ignore[misc]


def get_poll(row: dict[str, Any]) -> tuple[Poll, Collection[int] | None]:
    """Build a poll from its annotated row and the viewer's vote."""
    fields = {name: row[name] for name in POLL_FIELDS} | {
        "ends_at": datetime.fromisoformat(row["ends_at"])
    }
    return Poll(**fields), row["chosen"]


def build_poll_view(
    poll: Poll, mine: Collection[int] | None, post: Post, viewer: Viewer
) -> PollView:
    has_ended, voted, is_own = poll.has_ended, mine is not None, post.author_id == viewer.pk
    return PollView(
        options=[
            PollOptionView(text, count, _percent(count, poll.voter_count), number in (mine or ()))
            for number, (text, count) in enumerate(zip(poll.options, poll.counts, strict=True))
        ],
        voter_count=poll.voter_count,
        is_multiple=poll.is_multiple,
        ends_at=poll.ends_at,
        has_ended=has_ended,
        may_vote=not (has_ended or voted or is_own),
        shows_counts=has_ended or voted or not poll.hides_results,
        version=poll.version(post.edited_at),
    )


def _percent(count: int, of: int) -> int:
    return round(100 * count / of) if of else 0
