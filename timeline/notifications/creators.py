"""Creates notifications from events; idempotent."""

from collections.abc import Iterable

from accounts.models import Follow, FollowRequest
from common.models import OutboxEvent
from posts.models import Draft, Like, Mention, PollVote, Post
from posts.services.locks import lock_posts_for_reference
from timeline.models import Notification

_Kind = Notification.Kind
_BATCH = 1_000


def notify_of_like(news: OutboxEvent) -> None:
    # Locked, so that a concurrent unlike waits and deletes the notification, too.
    lock_posts_for_reference([news.post_id or 0])
    if (
        Like.objects.select_for_update(no_key=True)
        .filter(user=news.actor_id, post=news.post_id)
        .order_by("pk")
        .first()
    ):
        create_notification(news.person_id, _Kind.LIKE, actor=news.actor_id, post=news.post_id)


def notify_of_follow(news: OutboxEvent) -> None:
    held = Follow.objects.select_for_update(no_key=True)
    if held.filter(follower=news.actor_id, followed=news.person_id).order_by("pk").first():
        create_notification(news.person_id, _Kind.FOLLOW, actor=news.actor_id)


def notify_of_request(news: OutboxEvent) -> None:
    held = FollowRequest.objects.select_for_update(no_key=True)
    if held.filter(follower=news.actor_id, followed=news.person_id).order_by("pk").first():
        create_notification(news.person_id, _Kind.FOLLOW_REQUEST, actor=news.actor_id)


def notify_of_post(news: OutboxEvent) -> None:
    """Notify the parent's, quoted and mentioned users of a new post; for a repost, its author."""
    post = lock_post(news.post_id)
    if post is None:
        return
    if post.repost_of is not None:
        create_notification(
            post.repost_of.author_id, _Kind.REPOST, actor=post.author_id, post=post.repost_of_id
        )
    else:
        notify_mentioned(post)


def notify_of_edit(news: OutboxEvent) -> None:
    """Notify users who reposted or quoted an edited post, and newly mentioned ones."""
    post = lock_post(news.post_id)
    if post is None:
        return
    spoken_to = notify_mentioned(post)
    gone = Notification.objects.filter(post=post, kind=_Kind.MENTION)
    gone.exclude(recipient__in=spoken_to).delete()
    # Renewed for each edit: the last one matters.
    Notification.objects.filter(post=post, kind=_Kind.EDIT).delete()
    passed_on = Post.objects.filter(repost_of=post) | Post.objects.filter(quote_of=post)
    people = (
        passed_on.exclude(author=post.author_id)
        .order_by("author")
        .values_list("author", flat=True)
        .distinct()
    )
    create_notifications(people.iterator(_BATCH), _Kind.EDIT, post)


def notify_of_poll(news: OutboxEvent) -> None:
    """Notify the author and voters of a poll that it ended."""
    post = lock_post(news.post_id)
    if post is None:
        return
    voters = PollVote.objects.filter(poll=post.pk).order_by("pk").values_list("user", flat=True)
    create_notifications([post.author_id], _Kind.POLL, post)
    create_notifications(voters.iterator(_BATCH), _Kind.POLL, post)


def notify_of_failure(news: OutboxEvent) -> None:
    """Notify the author of a failed scheduled post, each time."""
    held = Draft.objects.select_for_update(no_key=True).exclude(failure="")
    draft = held.filter(pk=news.draft_id or 0).order_by("pk").first()
    if draft is not None:
        Notification.objects.filter(draft=draft).delete()
        Notification.objects.create(recipient_id=draft.author_id, kind=_Kind.DRAFT, draft=draft)


def lock_post(post_id: int | None) -> Post | None:
    """Lock a post, and what it reposts, against deletion; None if it is gone."""
    posts = (
        Post.objects.select_related("repost_of", "reply_to", "quote_of")
        .filter(pk=post_id or 0)
        .order_by("pk")
    )
    post = posts.first()
    if post is None or post.pk not in lock_posts_for_reference(
        {post.pk, post.repost_of_id or post.pk}
    ):
        return None
    # Reload: it may have been edited, and its parent deleted, while waiting.
    return posts.first()


def notify_mentioned(post: Post) -> set[int]:
    """Notify each user once, of what concerns them most; return the mentioned users."""
    mentioned = set(Mention.objects.filter(post=post).values_list("user", flat=True))
    kinds: dict[int, _Kind] = dict.fromkeys(mentioned, _Kind.MENTION)
    if post.quote_of is not None and post.quote_state == Post.Quote.SHOWN:
        kinds[post.quote_of.author_id] = _Kind.QUOTE
    if post.reply_to is not None:
        kinds[post.reply_to.author_id] = _Kind.REPLY
    kinds.pop(post.author_id, None)
    rows = [
        Notification(recipient_id=pk, kind=kinds[pk], actor_id=post.author_id, post=post)
        for pk in sorted(kinds)
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return mentioned


def create_notifications(people: Iterable[int], kind: _Kind, post: Post) -> None:
    rows = (
        Notification(recipient_id=pk, kind=kind, actor_id=post.author_id, post=post)
        for pk in people
    )
    Notification.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)


def create_notification(
    recipient: int | None, kind: _Kind, *, actor: int, post: int | None = None
) -> None:
    if recipient is None or recipient == actor:
        return
    row = Notification(recipient_id=recipient, kind=kind, actor_id=actor, post_id=post)
    Notification.objects.bulk_create([row], ignore_conflicts=True)
