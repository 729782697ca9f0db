from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.models import User
from consent.models import ConsentEvent
from consent.services import Choice, NotAnAdult, decide_for_posts
from posts.models import Like, Post
from posts.text import render, tidy


class CannotPublish(Exception):
    """The account is suspended, or the post that is answered is gone."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to say; `publish_key` is the same for each retry of one publication."""

    text: str
    visibility: str = Post.Visibility.PUBLIC
    authorship: str = Post.Authorship.HUMAN
    language: str = ""
    publish_key: UUID | None = None
    training: Choice = "settings"


@transaction.atomic
def publish_post(*, author: User, draft: Draft, reply_to: Post | None = None) -> Post:
    """Publish a draft, once for each publish key.

    Raises:
        CannotPublish: with words for the author.
    """
    if not User.objects.filter(pk=author.pk, is_active=True, suspended_at__isnull=True).exists():
        raise CannotPublish("This account is suspended and cannot post.")
    earlier = published_before(author, draft)
    if earlier is not None:
        return earlier
    if reply_to is not None and not count_reply(reply_to):
        raise CannotPublish("The post that you answer was deleted.")
    post = insert_post(author, draft, reply_to)
    if draft.training != "settings":
        decide_on(post, draft.training)
    return post


def decide_on(post: Post, choice: Choice) -> None:
    """Note the decision that was taken in the composer, together with the post or not at all."""
    try:
        decide_for_posts(user=post.author, post_ids=[post.pk], choice=choice, source=ConsentEvent.Source.COMPOSER)
    except NotAnAdult as refused:
        raise CannotPublish("Say on the page “Training” first that you are 18 or older.") from refused


def published_before(author: User, draft: Draft) -> Post | None:
    """Wait for a publication under the same key that is under way, and return its post if there is one."""
    if draft.publish_key is None:
        return None
    User.objects.select_for_update(no_key=True).get(pk=author.pk)
    return Post.objects.filter(author=author, publish_key=draft.publish_key).order_by("pk").first()


def insert_post(author: User, draft: Draft, reply_to: Post | None) -> Post:
    text = tidy(draft.text)
    return Post.objects.create(
        author=author,
        text=text,
        html=render(text),
        visibility=draft.visibility,
        authorship=draft.authorship,
        language=draft.language,
        publish_key=draft.publish_key,
        reply_to=reply_to,
        thread_id=reply_to.root_id if reply_to else None,
    )


def count_reply(parent: Post) -> bool:
    """Add one to the parent's replies, which also keeps it from being deleted meanwhile; False if it is gone."""
    return bool(Post.objects.filter(pk=parent.pk).update(reply_count=F("reply_count") + 1))


@transaction.atomic
def delete_post(*, post: Post) -> None:
    """Delete a post for good; replies to it stay, and doing it again changes nothing."""
    # Held from the older to the newer, so that a post and its reply can be deleted, and answered, at the same time.
    rows = Post.objects.select_for_update().filter(pk__in=[post.pk, post.reply_to_id]).order_by("pk")
    held = {row.pk: row for row in rows}
    if post.pk not in held:
        return
    if post.reply_to_id in held:
        Post.objects.filter(pk=post.reply_to_id, reply_count__gt=0).update(reply_count=F("reply_count") - 1)
    held[post.pk].delete()


@transaction.atomic
def like_post(*, user: User, post: Post) -> None:
    """Like a post; doing it again changes nothing.

    Raises:
        Post.DoesNotExist: it was deleted meanwhile.
    """
    _, is_new = Like.objects.get_or_create(user=user, post=post)
    if is_new and not Post.objects.filter(pk=post.pk).update(like_count=F("like_count") + 1):
        raise Post.DoesNotExist


@transaction.atomic
def unlike_post(*, user: User, post: Post) -> None:
    """Take a like back; where there is none nothing changes."""
    deleted, _ = Like.objects.filter(user=user, post=post).delete()
    if deleted:
        Post.objects.filter(pk=post.pk).update(like_count=F("like_count") - 1)
