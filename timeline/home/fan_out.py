"""Push what is published to the timelines of those who follow its author, and are here now and then."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Follow, User
from common.models import OutboxEvent
from posts.models import Post
from timeline.home import redis_store

# Whose posts more people would get by push than this, theirs are merged at reading instead.
WIDELY_FOLLOWED = 5_000
_BATCH = 1_000

# The follow, the follower and the epoch.
_Reader = tuple[int, int, int]


def fan_out(news: OutboxEvent) -> None:
    """Push a post to its readers; or note that its author has too many, in the transaction that deletes the news.

    Raises:
        Away: Redis does not answer.
    """
    post = (
        Post.objects.filter(pk=news.post_id or 0).select_related("reply_to").order_by("pk").first()
    )
    author = User.objects.filter(pk=news.actor_id).order_by("pk").first()
    if post is None or author is None or author.skips_fan_out:
        return
    if Follow.objects.filter(followed=author).count() > WIDELY_FOLLOWED:
        User.objects.filter(pk=author.pk).update(skips_fan_out=True)
        return
    for batch in _batches(fan_out_targets(post)):
        redis_store.push([redis_store.key(user_id, epoch) for _, user_id, epoch in batch], post.pk)


def fan_out_targets(post: Post) -> QuerySet[Follow]:
    """Those who follow a post's author, and for a reply also whom it answers: as in `rule.relevant_reply`."""
    follows = Follow.objects.filter(followed=post.author_id)
    if post.thread_id is None:
        return follows
    if post.reply_to is None:
        return follows.none()
    requester = post.reply_to.author_id
    return follows.filter(
        Q(follower=requester)
        | Exists(Follow.objects.filter(follower=OuterRef("follower"), followed=requester))
    )


def _batches(follows: QuerySet[Follow]) -> Iterator[list[_Reader]]:
    """Yield ids of follows and followers with the epoch of their timeline, the newest follow first.

    Who follows meanwhile, or whose epoch changes, has the timeline put together anew at the next reading.
    """
    rows = follows.order_by("-pk").values_list("pk", "follower", "follower__home_timeline_version")
    batch = list(rows[:_BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__lt=batch[-1][0])[:_BATCH])
