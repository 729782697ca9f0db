"""Fan-out on write: pushes new posts to the home timelines of recently active followers."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Follow, User
from common.models import OutboxEvent
from posts.models import Post
from timeline.home import redis_store

# Beyond this number of followers posts are merged on read instead.
WIDELY_FOLLOWED = 5_000
_BATCH = 1_000

# Follow id, follower id and timeline version.
_Reader = tuple[int, int, int]


def fan_out(news: OutboxEvent) -> None:
    """Push a post to its readers, or mark its author as too widely followed.

    Runs in the transaction that deletes the event.

    Raises:
        RedisUnavailableError: Redis does not respond.
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
    """Followers of the author; for a reply only those near its parent, as in
    `rule.relevant_reply`.
    """
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
    """Yield follows with followers and timeline versions, newest follow first.

    New followers and changed versions rebuild the timeline on the next read.
    """
    rows = follows.order_by("-pk").values_list("pk", "follower", "follower__home_timeline_version")
    batch = list(rows[:_BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__lt=batch[-1][0])[:_BATCH])
