"""Keep posts from being deleted while something is written that belongs to them.

Whoever deletes a post holds its row before all that goes with it. So whoever writes what goes with a post, or takes it
away, holds the row first, too: else the two wait for each other, or leave behind what belongs to nothing.
"""

from collections.abc import Iterable

from django.db import connection

from accounts.models import User
from posts.models import Post


def lock_posts_for_reference(ids: Iterable[int]) -> set[int]:
    """Keep posts from being deleted before the transaction ends, and return which there are.

    They can be liked and answered meanwhile, which the locks that Django knows would not allow.
    """
    wanted = list(ids)
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM posts_post WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [wanted]
        )
        return {pk for (pk,) in cursor.fetchall()}


def hold_actor(user_id: int) -> None:
    """Hold the one who acts before any post: to suspend somebody holds them, and then the posts that they acted on."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def lock_posts_for_counts(ids: Iterable[int]) -> set[int]:
    """Let nobody else change the counts of posts, nor delete them, before the transaction ends; return which there are.

    Triggers count. Who holds the posts before, from the older to the newer, waits for nobody who waits for them.
    """
    held = Post.objects.select_for_update(no_key=True).filter(pk__in=list(ids)).order_by("pk")
    return set(held.values_list("pk", flat=True))
