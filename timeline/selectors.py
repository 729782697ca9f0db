from collections.abc import Collection

from django.db.models import F, Q, QuerySet

from accounts.models import Follow, User, UserList
from accounts.selectors import Viewer
from posts.models import KeywordFilter, Post, PostQuerySet
from posts.presentation.hydrate import posts_by_id

Place = KeywordFilter.Place


def public_timeline(viewer: Viewer) -> QuerySet[Post]:
    """Public top-level posts in the viewer's languages.

    A reply to a deleted post is still a reply.
    """
    posts = Post.objects.public().filter(reply_to__isnull=True, thread_id__isnull=True)
    if viewer.is_authenticated:
        posts = posts.without_blocked(viewer).without_muted(viewer)
    return (
        posts.in_preferred_languages(viewer)
        .without_filtered(viewer, Place.PUBLIC)
        .with_card_data(viewer)
    )


def posts_for_results(ids: Collection[int], viewer: Viewer) -> dict[int, Post]:
    """Search results or trends for the viewer, collapsed by filters."""
    return posts_by_id(ids, viewer, (Place.PUBLIC, (KeywordFilter.Action.WARN,)))


def profile_timeline(profile: User, viewer: Viewer) -> QuerySet[Post]:
    """A user's readable top-level posts, without pinned ones."""
    own_threads = Q(reply_to__isnull=True, thread_id__isnull=True) | Q(reply_to__author=profile)
    return profile_posts(profile, viewer).filter(own_threads, pinned_at__isnull=True)


def profile_replies(profile: User, viewer: Viewer) -> QuerySet[Post]:
    """A user's readable replies to others."""
    return (
        profile_posts(profile, viewer)
        .filter(thread_id__isnull=False)
        .exclude(reply_to__author=profile)
    )


def profile_media(profile: User, viewer: Viewer) -> QuerySet[Post]:
    """A user's readable posts with images."""
    return profile_posts(profile, viewer).filter(has_media=True)


def profile_posts(profile: User, viewer: Viewer) -> PostQuerySet:
    posts = Post.objects.filter(author=profile).visible_to(viewer)
    return posts.without_filtered(viewer, Place.PROFILES).with_card_data(viewer)


def list_timeline(people: UserList) -> QuerySet[Post]:
    """Posts by members of a list that its owner may read; replies as the list says."""
    owner, members = people.owner, people.members.values_list("member", flat=True)
    near: dict[str, Q] = {
        UserList.Replies.NONE: Q(),
        UserList.Replies.LIST: Q(reply_to__author__in=members),
        UserList.Replies.FOLLOWED: Q(
            reply_to__author__in=Follow.objects.filter(follower=owner).values("followed")
        ),
    }
    no_reply = Q(reply_to__isnull=True, thread_id__isnull=True)
    own_threads = Q(reply_to__author=F("author"))
    # Fetched first: PostgreSQL plans well only for known user ids.
    posts = Post.objects.filter(
        no_reply | own_threads | near[people.replies], author__in=list(members)
    )
    return (
        posts.visible_to(owner)
        .without_muted(owner)
        .without_filtered(owner, Place.HOME)
        .with_card_data(owner)
    )


def pinned_posts(profile: User, viewer: Viewer) -> QuerySet[Post]:
    """A user's readable pinned posts, last pinned first."""
    return (
        profile_posts(profile, viewer).filter(pinned_at__isnull=False).order_by("-pinned_at", "-pk")
    )
