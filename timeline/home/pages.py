"""Pages of a home timeline: candidates from the fastest source, filtered by PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from common.pagination import MAX_ID
from posts.models import Post
from posts.presentation.hydrate import hydrate_by_ids
from timeline.home.candidates import candidates
from timeline.home.rule import home_timeline
from timeline.home.visibility import HomeEntry, filter_candidates
from timeline.reasons import annotate_reasons

# Candidates per wanted post, of which enough nearly always remain.
_CANDIDATES = 2


def home_rows(viewer: User, *, below: int | None, size: int) -> list[HomeEntry]:
    """Return up to so many rows below a cursor."""
    rows: list[HomeEntry] = []
    for ids in candidates(viewer, below=below, limit=_CANDIDATES * size):
        rows += filter_candidates(viewer, ids)
        if len(rows) >= size:
            break
    return rows[:size]


def home_rows_newer_than(
    viewer: User, *, above: int, below: int | None, size: int
) -> list[HomeEntry]:
    """Return the rows next above a cursor, newest first; rare, from PostgreSQL alone."""
    rows = home_timeline(viewer).filter(pk__gt=above, pk__lt=MAX_ID if below is None else below)
    return filter_candidates(viewer, list(rows.order_by("pk").values_list("pk", flat=True)[:size]))


def home_cards(rows: Sequence[HomeEntry], viewer: User) -> list[Post]:
    """Return the post cards for rows of the home timeline, with their reasons."""
    posts = hydrate_by_ids(
        [row.pk for row in rows], {post_id for row in rows for post_id in row.beside}, viewer
    )
    tags = {row.pk: row.followed_tag for row in rows if row.followed_tag and not row.is_followed}
    annotate_reasons(posts, tags, viewer)
    mark_read_boundary(posts, {row.pk: row for row in rows})
    return posts


def mark_read_boundary(posts: Sequence[Any], rows: dict[int, HomeEntry]) -> None:
    """Mark the first post that was read before, and the filters that collapse posts."""
    is_new = False
    for post in posts:
        row = rows[post.row_id]
        post.filtered_by = row.filtered_by
        post.is_read = row.is_read
        post.starts_read_section, is_new = row.is_read and is_new, not row.is_read


def count_newer(viewer: User, *, above: int, most: int) -> int:
    """Count rows above an id, up to a limit."""
    count = 0
    for ids in candidates(viewer, below=None, limit=_CANDIDATES * most):
        newer = [post_id for post_id in ids if post_id > above]
        count += len(filter_candidates(viewer, newer)) if newer else 0
        if count >= most or len(newer) < len(ids):
            break
    return min(count, most)
