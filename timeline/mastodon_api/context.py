"""The context of a post as a flat list."""

from collections.abc import Iterable

from django.db.models.functions import Coalesce

from accounts.selectors import Viewer
from posts.models import KeywordFilter, Post
from posts.selectors import ancestors_of

MAX_DESCENDANTS = 500
# As on the page, which collapses such replies; clients hide what a filter hides.
HIDDEN_BY_AUTHOR = "Hidden by the author"


def ancestors(post: Post, viewer: Viewer) -> list[Post]:
    """Return the ancestors of a post from the top."""
    return [above for above in ancestors_of(post, viewer) if isinstance(above, Post)]


def descendants(post: Post, viewer: Viewer) -> list[Post]:
    """Return the descendants of a post, oldest first."""
    thread = Post.objects.filter(thread_id=post.root_id, pk__gt=post.pk).order_by("pk")
    # A reply has a higher id than its parent.
    below = {post.pk}
    # The thread continues past posts that are deleted or not readable.
    up = Coalesce("reply_to", "surviving_ancestor_id")
    for pk, parent in thread.values_list("pk", up)[: 10 * MAX_DESCENDANTS]:
        if parent in below:
            below.add(pk)
    ids = sorted(below - {post.pk})[:MAX_DESCENDANTS]
    found = Post.objects.filter(pk__in=ids).visible_to(viewer)
    if viewer.is_authenticated:
        found = found.without_muted(viewer)
    found = found.without_filtered(viewer, KeywordFilter.Place.THREADS)
    posts = list(found.with_card_data(viewer).order_by("pk"))
    mark_hidden(posts)
    return posts


def mark_hidden(posts: Iterable[Post]) -> None:
    """Set `hidden_by` on replies hidden by their parent's author, and on what is below them."""
    hidden: set[int | None] = set()
    for post in posts:
        if post.is_hidden_reply or post.parent_id in hidden:
            post.hidden_by = HIDDEN_BY_AUTHOR  # type: ignore[misc]
            hidden.add(post.pk)
