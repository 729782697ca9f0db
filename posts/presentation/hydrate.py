"""Hydrates post cards in a constant number of queries."""

import copy
from collections.abc import Collection, Iterable, Sequence
from functools import cache

from accounts.models import User
from accounts.selectors import Viewer, viewer_param
from common.compiled_queries import CompiledModelQuery
from posts.models import Media, Post
from posts.presentation.poll_view import attach_polls

# The scope of the viewer's filters: see `PostQuerySet.annotate_filter_warnings`.
Folding = tuple[str, tuple[str, ...]]


def hydrate_posts(rows: Sequence[Post], viewer: Viewer) -> list[Post]:
    """Return the posts to show for rows annotated by `with_card_data`.

    A repost is replaced by its original with `reposted_by` and the repost's id as `row_id`. Quotes
    have their `quoted` post, or None if it is gone, detached or not readable. All have `pictures`,
    `preview` and `poll`.
    """
    beside = {post_id for row in rows for post_id in related_post_ids(row) if post_id is not None}
    return assemble(rows, posts_by_id(beside, viewer), viewer)


def related_post_ids(row: Post) -> tuple[int | None, ...]:
    """Return the ids of related posts (reposted and quoted) that a card needs."""
    return (
        row.repost_of_id,
        row.original_quote_of,
        row.quote_of_id if can_show_quote(row) else None,
    )


def hydrate_by_ids(ids: Sequence[int], beside: Collection[int], viewer: User) -> list[Post]:
    """Return the posts for rows with these ids, in this order, in one query.

    `beside` are the ids of related posts.
    """
    found = posts_by_id({*ids, *beside}, viewer)
    return assemble([found[pk] for pk in ids if pk in found], found, viewer)


def posts_by_id(
    ids: Collection[int], viewer: Viewer, folding: Folding | None = None
) -> dict[int, Post]:
    """Return the readable ones of some posts, annotated for cards, in at most one query."""
    if not ids:
        return {}
    query = build_cards_query(folding, is_anonymous=viewer.is_anonymous)
    return {post.pk: post for post in query.fetch(viewer=viewer.pk or 0, ids=list(ids))}


@cache
def build_cards_query(folding: Folding | None, *, is_anonymous: bool) -> CompiledModelQuery[Post]:
    """Return the compiled query for posts by ids, prepared per connection."""
    viewer = viewer_param(is_anonymous=is_anonymous)
    posts = Post.objects.with_some_ids().readable_by(viewer).with_card_data(viewer)
    return CompiledModelQuery(
        posts.annotate_filter_warnings(viewer, *folding) if folding else posts, prepare=True
    )


def assemble(rows: Sequence[Post], beside: dict[int, Post], viewer: Viewer) -> list[Post]:
    shown = [resolve_repost(row, beside) for row in rows]
    posts = [post for post in shown if post is not None]
    for post in posts:
        post.quoted = beside.get(post.quote_of_id or 0) if can_show_quote(post) else None  # type: ignore[misc]
    all_shown = [*posts, *(post.quoted for post in posts if post.quoted)]
    attach_polls(all_shown, viewer)
    attach_pictures(all_shown)
    attach_previews(all_shown)
    return posts


def can_show_quote(post: Post) -> bool:
    return post.quote_of_id is not None and post.quote_state == Post.Quote.SHOWN


def attach_pictures(posts: Iterable[Post]) -> None:
    """Set `pictures` and `failed_pictures` from the annotated rows."""
    for post in posts:
        if post.picture_rows:
            sent = [Media(**row) for row in post.picture_rows]
            post.pictures = [media for media in sent if not media.is_failed]  # type: ignore[misc]
            post.failed_pictures = [media for media in sent if media.is_failed]  # type: ignore[misc]


def attach_previews(posts: Iterable[Post]) -> None:
    """Set the `preview` of posts with a link and without images."""
    for post in posts:
        if post.link_preview is not None and post.link_preview.title and not post.has_media:
            post.preview = post.link_preview  # type: ignore[misc]


def resolve_repost(row: Post, beside: dict[int, Post]) -> Post | None:
    """Return the original of a repost; None if it is gone."""
    if row.repost_of_id is None:
        return row
    original = beside.get(row.repost_of_id)
    if original is None:
        return None
    # Two users may repost the same post onto one page.
    post = copy.copy(original)
    post.reposted_by, post.row_id = row.author, row.pk  # type: ignore[misc]
    post.filtered_by = row.filtered_by  # type: ignore[misc]
    return post
