from django.db import transaction

from accounts.models import User
from common.models import OutboxEvent
from common.outbox import emit
from posts.models import Bookmark, Like, Post
from posts.services.locks import hold_actor, lock_posts_for_counts, lock_posts_for_reference


@transaction.atomic
def like_post(*, user: User, post: Post) -> None:
    """Like a post; doing it again changes nothing.

    Raises:
        Post.DoesNotExist: it was deleted meanwhile.
    """
    hold_actor(user.pk)
    if not lock_posts_for_counts([post.pk]):
        raise Post.DoesNotExist
    _, is_new = Like.objects.get_or_create(user=user, post=post)
    if not is_new:
        return
    emit(OutboxEvent.Topic.LIKED, actor=user.pk, post=post.pk, person=post.author_id)


@transaction.atomic
def unlike_post(*, user: User, post: Post) -> None:
    """Take a like back; where there is none nothing changes."""
    hold_actor(user.pk)
    lock_posts_for_counts([post.pk])
    Like.objects.filter(user=user, post=post).delete()


@transaction.atomic
def bookmark_post(*, user: User, post: Post) -> None:
    """Keep a post for later; doing it again changes nothing.

    Raises:
        Post.DoesNotExist: it was deleted meanwhile.
    """
    if not lock_posts_for_reference([post.pk]):
        raise Post.DoesNotExist
    Bookmark.objects.get_or_create(user=user, post=post)


def unbookmark_post(*, user: User, post: Post) -> None:
    """Keep a post no longer."""
    Bookmark.objects.filter(user=user, post=post).delete()
