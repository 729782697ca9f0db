"""What is in somebody's home timeline: the one rule, asked of PostgreSQL at every reading."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q

from accounts.models import Follow, ListMember, User
from common.snowflake import SEQUENCE_BITS
from posts.models import KeywordFilter, Post, PostHashtag, PostQuerySet

# A post comes again only when nobody brought it for so long.
REPOST_DEDUP_WINDOW = timedelta(hours=24)
PAUSE_IN_IDS = int(REPOST_DEDUP_WINDOW / timedelta(milliseconds=1)) << SEQUENCE_BITS


def home_timeline(viewer: User) -> PostQuerySet:
    """Rows that are in the viewer's home timeline at this moment."""
    original = Post.objects.filter(pk=OuterRef("repost_of")).readable_by(viewer)
    first = Q(repost_of__isnull=True) | Q(Exists(original), ~recently_shown(viewer))
    return candidate_posts(viewer).filter(first).without_filtered(viewer, KeywordFilter.Place.HOME)


def candidate_posts(viewer: User) -> PostQuerySet:
    """Rows by the viewer and by those whom the viewer follows, public ones with a tag that the viewer follows.

    Replies only among these people. Not what the viewer mutes, or reads in a list of its own instead.
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
    """No reply, or one to somebody near. What answered a post that is gone is nobody's to follow any more."""
    no_reply = Q(reply_to__isnull=True, thread_id__isnull=True)
    requester = Follow.objects.filter(follower=viewer, followed=OuterRef("reply_to__author"))
    return no_reply | Q(author=viewer) | Q(reply_to__author=viewer) | Q(Exists(requester))


def recently_shown(viewer: User) -> Exists:
    """Of reposts: the same came home not long before. Then the older one stands, wherever a page begins."""
    the_same = Q(pk=OuterRef("repost_of")) | Q(repost_of=OuterRef("repost_of"))
    not_long_before = Q(pk__lt=OuterRef("pk"), pk__gt=OuterRef("pk") - PAUSE_IN_IDS)
    return Exists(candidate_posts(viewer).filter(the_same, not_long_before))
