from django.db import transaction

from accounts.models import User
from common.models import News
from common.news import tell
from posts.models import Post
from posts.services.holding import hold_actor, hold_counts


class CannotRepost(Exception):
    """The post is not for everyone, or is gone."""


@transaction.atomic
def repost(*, user: User, post: Post) -> Post:
    """Bring a post to one's followers, once; doing it again returns the same repost.

    Raises:
        CannotRepost: with words for the person.
    """
    hold_actor(user.pk)
    original = Post.objects.select_for_update().filter(pk=post.repost_of_id or post.pk).order_by("pk").first()
    if original is None:
        raise CannotRepost("This post was deleted.")
    if not may_be_reposted(original, user):
        raise CannotRepost("Only posts that everyone may read can be reposted.")
    made, is_new = Post.objects.get_or_create(
        author=user, repost_of=original, defaults={"text": "", "html": "", "visibility": original.visibility}
    )
    if is_new:
        tell(News.Topic.PUBLISHED, actor=user.pk, post=made.pk)
    return made


def may_be_reposted(post: Post, user: User) -> bool:
    """Say whether a post may be brought to other people: it is for everyone, or one's own and for followers."""
    if post.visibility in (Post.Visibility.PUBLIC, Post.Visibility.UNLISTED):
        return True
    return post.visibility == Post.Visibility.FOLLOWERS and post.author_id == user.pk


@transaction.atomic
def take_repost_back(*, user: User, post: Post) -> None:
    """Take a repost back; where there is none nothing changes."""
    original = post.repost_of_id or post.pk
    hold_actor(user.pk)
    hold_counts([original])
    Post.objects.filter(author=user, repost_of=original).delete()
