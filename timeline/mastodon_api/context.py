"""A conversation around a post, as a flat list."""

from collections.abc import Iterable

from django.db.models.functions import Coalesce

from accounts.selectors import Viewer
from posts.models import KeywordFilter, Post
from posts.selectors import ancestors_of

MAX_DESCENDANTS = 500
# In the words of the page, which folds such replies; programs fold what a filter is about.
HIDDEN_BY_AUTHOR = "Hidden by the author"


def ancestors(post: Post, viewer: Viewer) -> list[Post]:
    """Return what a post answers, the first of the conversation first."""
    return [above for above in ancestors_of(post, viewer) if isinstance(above, Post)]


def descendants(post: Post, viewer: Viewer) -> list[Post]:
    """Return what answers a post, and what answers that, the oldest first."""
    thread = Post.objects.filter(thread_id=post.root_id, pk__gt=post.pk).order_by("pk")
    # An answer is younger than what it answers.
    below = {post.pk}
    # Past what the viewer may not read, and what was deleted, it goes on.
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
    """Set `hidden_by` on replies that the author of what they answer has hidden, and on what answers those."""
    hidden: set[int | None] = set()
    for post in posts:
        if post.is_hidden_reply or post.parent_id in hidden:
            post.hidden_by = HIDDEN_BY_AUTHOR  # type: ignore[misc]
            hidden.add(post.pk)
