"""Cut pages out of a home timeline: candidates come from wherever is quickest, and PostgreSQL has the last word."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from common.pagination import GREATEST_ID
from posts.cards import cards_of
from posts.models import Post
from timeline.home.candidates import candidates
from timeline.home.judging import Row, judged
from timeline.home.rule import home_timeline
from timeline.reasons import say_why_at_home

# Of so many candidates for each post that is wanted nearly always enough are left.
CANDIDATES = 2


def home_rows(viewer: User, *, below: int | None, size: int) -> list[Row]:
    """Return the next rows below a cursor, as many as are wanted and there."""
    rows: list[Row] = []
    for ids in candidates(viewer, below=below, limit=CANDIDATES * size):
        rows += judged(viewer, ids)
        if len(rows) >= size:
            break
    return rows[:size]


def home_rows_above(viewer: User, *, above: int, below: int | None, size: int) -> list[Row]:
    """Return the rows next above a cursor, the newest first: the rare way, which asks PostgreSQL alone."""
    rows = home_timeline(viewer).filter(pk__gt=above, pk__lt=GREATEST_ID if below is None else below)
    return judged(viewer, list(rows.order_by("pk").values_list("pk", flat=True)[:size]))


def home_cards(rows: Sequence[Row], viewer: User) -> list[Post]:
    """Return the posts to show for rows of the viewer's home timeline, each with why it is there."""
    posts = cards_of([row.pk for row in rows], {post_id for row in rows for post_id in row.beside}, viewer)
    tags = {row.pk: row.followed_tag for row in rows if row.followed_tag and not row.is_followed}
    say_why_at_home(posts, tags, viewer)
    tell_read_from_new(posts, {row.pk: row for row in rows})
    return posts


def tell_read_from_new(posts: Sequence[Any], rows: dict[int, Row]) -> None:
    """Set `begins_read` on the first post below newer ones that was read before; and what folds each."""
    is_new = False
    for post in posts:
        row = rows[post.row_id]
        post.warned_by = row.warned_by
        post.is_read = row.is_read
        post.begins_read, is_new = row.is_read and is_new, not row.is_read


def newer_rows(viewer: User, *, above: int, most: int) -> int:
    """Count rows above an id, up to so many."""
    count = 0
    for ids in candidates(viewer, below=None, limit=CANDIDATES * most):
        newer = [post_id for post_id in ids if post_id > above]
        count += len(judged(viewer, newer)) if newer else 0
        if count >= most or len(newer) < len(ids):
            break
    return min(count, most)
