"""Put together what a page of cards shows beyond its own rows, in a number of queries that does not grow."""

import copy
from collections.abc import Iterable, Sequence

from accounts.selectors import Viewer
from posts.models import Post


def complete(rows: Sequence[Post], viewer: Viewer) -> list[Post]:
    """Return the posts to show for rows of a list that came by `for_cards`.

    In place of a repost stands the post itself, with `reposted_by` and the repost's id as `row_id`; each quote has its
    `quoted` post, or None where that is gone, detached, or not for this viewer.
    """
    originals = fetch((row.repost_of_id for row in rows), viewer)
    shown = [shown_for(row, originals) for row in rows]
    posts = [post for post in shown if post is not None]
    quoted = fetch((post.quote_of_id for post in posts if post.quote_state == Post.Quote.SHOWN), viewer)
    for post in posts:
        post.quoted = quoted.get(post.quote_of_id or 0)  # type: ignore[misc]
    return posts


def fetch(ids: Iterable[int | None], viewer: Viewer) -> dict[int, Post]:
    """Return those of the posts that the viewer may read, by id, in one query or none."""
    wanted = {pk for pk in ids if pk is not None}
    if not wanted:
        return {}
    return Post.objects.filter(pk__in=wanted).readable_by(viewer).for_cards(viewer).in_bulk()


def shown_for(row: Post, originals: dict[int, Post]) -> Post | None:
    """Return the post that a row brings; None where it is gone since the row was read."""
    if row.repost_of_id is None:
        return row
    original = originals.get(row.repost_of_id)
    if original is None:
        return None
    # Two people may bring the same post to one page.
    post = copy.copy(original)
    post.reposted_by, post.row_id = row.author, row.pk  # type: ignore[misc]
    return post
