from django.db import transaction
from django.utils import timezone

from accounts.models import User
from posts.models import Post

MAX_PINNED = 5


class PinError(Exception):
    """As many are pinned as may be, or the post is not for a profile."""


@transaction.atomic
def pin_post(*, post: Post) -> None:
    """Keep a post on top of its author's profile; doing it again changes nothing.

    Raises:
        CannotPin: with words for the author.
    """
    User.objects.select_for_update(no_key=True).get(pk=post.author_id)
    if post.visibility == Post.Visibility.DIRECT or post.repost_of_id is not None:
        raise PinError("Only posts of your own that are not direct can be pinned.")
    others = Post.objects.filter(author=post.author_id, pinned_at__isnull=False).exclude(pk=post.pk)
    if others.count() >= MAX_PINNED:
        raise PinError(f"{MAX_PINNED} posts are pinned already. Take one of them down first.")
    Post.objects.filter(pk=post.pk, pinned_at__isnull=True).update(pinned_at=timezone.now())


def unpin_post(*, post: Post) -> None:
    """Keep a post on top of the profile no longer."""
    Post.objects.filter(pk=post.pk).update(pinned_at=None)
