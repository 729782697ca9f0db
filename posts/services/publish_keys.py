"""Which publish key words go out under.

A browser that goes back, or loads a page again, may bring the composer back with the key of what is published
already. The same words under it are a retry; other words are a new post, and get the next key, which follows from the
first so that their own retries find them.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid5

from django.utils import timezone

from accounts.models import User
from posts.models import Draft, Post, PostVersion
from posts.text.entities import normalize_text

# From it and a key follows the next key.
REUSED = UUID("5f0c7a52-3a35-4d1c-8b8e-0d1b0c6f2f11")
MAX_REUSES = 100
# What a composer saves of itself may arrive after what it published.
LATE_WITHIN = timedelta(seconds=30)
# A retry that sends its pictures again; later, other pictures under the same words are another post.
RESENT_WITHIN = timedelta(minutes=1)


def find_key(author: User, key: UUID, is_taken: Callable[[UUID], bool]) -> UUID:
    """Return the first key, from `key` on, that is not taken by something else; the author has to be held."""
    for _ in range(MAX_REUSES):
        if not is_taken(key):
            break
        key = uuid5(REUSED, str(key))
    return key


def key_to_publish(
    author: User,
    key: UUID,
    *,
    text: str,
    media_ids: tuple[int, ...] = (),
    reply_to: Post | None = None,
    quote_of: Post | None = None,
    is_scheduled_one: bool = True,
) -> UUID:
    """Return the key under which words go out, or went out before.

    Args:
        is_scheduled_one: whether the words may replace those that wait under the key for their time, as whoever opens
            these from the drafts means to; a composer that was brought back does not.
    """

    def is_taken(candidate: UUID) -> bool:
        post = Post.objects.filter(author=author, publish_key=candidate).order_by("pk").first()
        if post is not None:
            return not is_retry(post, normalize_text(text), media_ids, reply_to, quote_of)
        if is_scheduled_one:
            return False
        kept = (
            Draft.objects.filter(author=author, key=candidate, publish_at__isnull=False)
            .order_by("pk")
            .first()
        )
        return kept is not None and normalize_text(
            str(kept.fields.get("text", ""))
        ) != normalize_text(text)

    return find_key(author, key, is_taken)


def key_to_keep(author: User, key: UUID, text: str) -> UUID | None:
    """Return the key under which a draft is kept; None where it is what was published a moment ago."""
    late: list[UUID] = []

    def is_taken(candidate: UUID) -> bool:
        post = Post.objects.filter(author=author, publish_key=candidate).order_by("pk").first()
        if post is None:
            return False
        if post.created_at > timezone.now() - LATE_WITHIN or first_text(post) == normalize_text(
            text
        ):
            late.append(candidate)
        return True

    found = find_key(author, key, is_taken)
    return None if late else found


def is_retry(
    post: Post, text: str, media_ids: tuple[int, ...], reply_to: Post | None, quote_of: Post | None
) -> bool:
    """Say whether words that were sent under a post's key are that post, sent again."""
    if (
        first_text(post) != text
        or not is_about(post.reply_to_id, reply_to)
        or not is_about(post.quote_of_id, quote_of)
    ):
        return False
    attached = set(post.media.values_list("pk", flat=True)) if post.has_media else set()
    # Pictures that are attached by now do not come with the retry.
    if attached.issuperset(media_ids):
        return True
    return len(attached) == len(media_ids) and post.created_at > timezone.now() - RESENT_WITHIN


def is_about(post_id: int | None, post: Post | None) -> bool:
    """Say whether a post still is about another; None where that was deleted meanwhile."""
    return post_id == (post.pk if post else None) or (post_id is None and post is not None)


def first_text(post: Post) -> str:
    """Return what a post said when it was published."""
    first = (
        PostVersion.objects.filter(post=post).order_by("pk").values_list("text", flat=True).first()
    )
    return post.text if first is None else first
