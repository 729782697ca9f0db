from django.db.models import QuerySet

from accounts.selectors import Viewer
from posts.models import Post, Retraction

DEEPEST_ANCESTRY = 100

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


def was_public_and_is_deleted(post_id: int) -> bool:
    """Say whether a post that was for everyone until the end has been deleted; of others nothing is said."""
    return Retraction.objects.filter(post_id=post_id, reason=Retraction.Reason.DELETED).exists()
