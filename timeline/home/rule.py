"""The rule of the home timeline, evaluated by PostgreSQL on every read."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from accounts.models import Follow, ListMember, User
from common.snowflake import SEQUENCE_BITS
from posts.models import KeywordFilter, Post, PostHashtag, PostQuerySet

# The same post is not repeated within this time.
REPOST_DEDUP_WINDOW = timedelta(hours=24)
PAUSE_IN_IDS = int(REPOST_DEDUP_WINDOW / timedelta(milliseconds=1)) << SEQUENCE_BITS


def home_timeline(viewer: User) -> PostQuerySet:
    """Rows of the viewer's home timeline."""
    original = Post.objects.filter(pk=OuterRef("repost_of")).readable_by(viewer)
    first = Q(repost_of__isnull=True) | Q(Exists(original), ~recently_shown(viewer))
    return candidate_posts(viewer).filter(first).without_filtered(viewer, KeywordFilter.Place.HOME)


def candidate_posts(viewer: User) -> PostQuerySet:
    """Posts by the viewer and followed users, and public ones with followed hashtags.

    Replies only among these users; without muted users and exclusive lists.
    """
    followed = Exists(Follow.objects.filter(follower=viewer, followed=OuterRef("author")))
    tagged = Exists(PostHashtag.objects.filter(post=OuterRef("pk"), tag__followers__user=viewer))
    elsewhere = ListMember.objects.filter(list__owner=viewer, list__is_exclusive=True).values(
        "member"
    )
    rows = Post.objects.filter(
        Q(author=viewer) | Q(followed) | Q(tagged, visibility=Post.Visibility.PUBLIC)
    )
    return (
        rows.filter(relevant_reply(viewer))
        .exclude(author__in=elsewhere)
        .readable_by(viewer)
        .without_muted(viewer)
    )


def relevant_reply(viewer: User) -> Q:
    """Top-level posts, or replies to the viewer or someone they follow. Replies to deleted posts
    are excluded.
    """
    no_reply = Q(reply_to__isnull=True, thread_id__isnull=True)
    requester = Follow.objects.filter(follower=viewer, followed=OuterRef("reply_to__author"))
    return no_reply | Q(author=viewer) | Q(reply_to__author=viewer) | Q(Exists(requester))


def recently_shown(viewer: User) -> Exists:
    """True if the same post appeared in this timeline within 24 h. The earlier appearance wins,
    independent of page boundaries.
    """
    the_same = Q(pk=OuterRef("repost_of")) | Q(repost_of=OuterRef("repost_of"))
    not_long_before = Q(pk__lt=OuterRef("pk"), pk__gt=OuterRef("pk") - PAUSE_IN_IDS)
    return Exists(candidate_posts(viewer).filter(the_same, not_long_before))
