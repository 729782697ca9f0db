from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.selectors import Viewer
from posts.models import KeptDraft, Post

DEEPEST_ANCESTRY = 100
DUE_AT_ONCE = 100

ANCESTORS = """
WITH RECURSIVE above (id, reply_to_id, depth) AS (
    SELECT id, reply_to_id, 0 FROM posts_post WHERE id = %s
    UNION ALL
    SELECT parent.id, parent.reply_to_id, above.depth + 1
    FROM above JOIN posts_post parent ON parent.id = above.reply_to_id
    WHERE above.depth < %s
)
SELECT id FROM above WHERE depth > 0
"""


def ancestors_of(post: Post, viewer: Viewer) -> list[Post]:
    """Return the posts that `post` answers, the first of the conversation first, as far as the viewer may read."""
    ids = [row.pk for row in Post.objects.raw(ANCESTORS, [post.pk, DEEPEST_ANCESTRY])]
    if not ids:
        return []
    return list(Post.objects.filter(pk__in=ids).visible_to(viewer).for_cards(viewer).order_by("pk"))


def replies_to(post: Post, viewer: Viewer) -> QuerySet[Post]:
    """Direct replies that the viewer may read."""
    return Post.objects.filter(reply_to=post).visible_to(viewer).for_cards(viewer)


def drafts_of(author: User) -> QuerySet[KeptDraft]:
    """What somebody keeps and has not published, the newest change first, with the posts that it is about."""
    kept = KeptDraft.objects.filter(author=author).select_related("reply_to__author", "quote_of__author")
    return kept.order_by("-updated_at", "-pk")


def due_drafts() -> list[int]:
    """Return the ids of posts whose time has come, the longest due first."""
    due = KeptDraft.objects.filter(publish_at__lte=timezone.now(), failure="")
    return list(due.order_by("publish_at", "pk").values_list("pk", flat=True)[:DUE_AT_ONCE])
