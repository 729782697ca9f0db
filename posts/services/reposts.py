from django.db import transaction

from accounts.models import User
from common.models import OutboxEvent
from common.outbox import emit
from posts.models import Post
from posts.services.locks import hold_actor, lock_posts_for_counts


class RepostError(Exception):
    """The post is not for everyone, or is gone."""


@transaction.atomic
def repost(*, user: User, post: Post) -> Post:
    """Bring a post to one's followers, once; doing it again returns the same repost.

    Raises:
        CannotRepost: with words for the person.
    """
    hold_actor(user.pk)
    original = (
        Post.objects.select_for_update()
        .filter(pk=post.repost_of_id or post.pk)
        .order_by("pk")
        .first()
    )
    if original is None:
        raise RepostError("This post was deleted.")
    if not is_repostable(original, user):
        raise RepostError("Only public and unlisted posts can be reposted.")
    made, is_new = Post.objects.get_or_create(
        author=user,
        repost_of=original,
        defaults={"text": "", "html": "", "visibility": original.visibility},
    )
    if is_new:
        emit(OutboxEvent.Topic.PUBLISHED, actor=user.pk, post=made.pk)
    return made


def is_repostable(post: Post, user: User) -> bool:
    """Say whether a post may be brought to other people: it is for everyone, or one's own and for followers."""
    if post.visibility in (Post.Visibility.PUBLIC, Post.Visibility.UNLISTED):
        return True
    return post.visibility == Post.Visibility.FOLLOWERS and post.author_id == user.pk


@transaction.atomic
def delete_repost(*, user: User, post: Post) -> None:
    """Take a repost back; where there is none nothing changes."""
    original = post.repost_of_id or post.pk
    hold_actor(user.pk)
    lock_posts_for_counts([original])
    Post.objects.filter(author=user, repost_of=original).delete()
