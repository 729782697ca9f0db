from django.db.models import Q, QuerySet

from accounts.models import Follow, User
from accounts.selectors import Viewer
from posts.models import Post


def home_timeline(viewer: User) -> QuerySet[Post]:
    """Posts of the viewer and of those whom the viewer follows; replies only among these people."""
    followed = Follow.objects.filter(follower=viewer).values_list("followed", flat=True)
    # Fetched first: PostgreSQL plans well only for people whom it knows. Without them it walks all posts back from
    # the newest, to the very end for somebody who follows nobody yet, or only people who seldom write.
    near = [viewer.pk, *followed]
    near_reply = Q(reply_to__isnull=True) | Q(reply_to__author=viewer) | Q(reply_to__author__in=followed.all())
    return Post.objects.filter(near_reply, author__in=near).visible_to(viewer).without_muted(viewer).for_cards(viewer)


def public_timeline(viewer: Viewer) -> QuerySet[Post]:
    """Public posts of everyone, without replies."""
    posts = Post.objects.public().filter(reply_to__isnull=True)
    if viewer.is_authenticated:
        posts = posts.without_blocked(viewer).without_muted(viewer)
    return posts.for_cards(viewer)


def profile_timeline(profile: User, viewer: Viewer) -> QuerySet[Post]:
    """One person's posts, as far as the viewer may read them, without replies to others."""
    own_threads = Q(reply_to__isnull=True) | Q(reply_to__author=profile)
    return Post.objects.filter(own_threads, author=profile).visible_to(viewer).for_cards(viewer)
