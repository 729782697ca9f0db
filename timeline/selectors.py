from django.db.models import Q, QuerySet

from accounts.models import Follow, User
from accounts.selectors import Viewer
from posts.models import Post


def home_timeline(viewer: User) -> QuerySet[Post]:
    """Posts of the viewer and of those whom the viewer follows; replies only among these people."""
    followed = Follow.objects.filter(follower=viewer).values("followed")
    near = Q(author=viewer) | Q(author__in=followed)
    near_reply = Q(reply_to__isnull=True) | Q(reply_to__author=viewer) | Q(reply_to__author__in=followed)
    return Post.objects.filter(near & near_reply).visible_to(viewer).for_cards(viewer)


def public_timeline(viewer: Viewer) -> QuerySet[Post]:
    """Public posts of everyone, without replies."""
    return Post.objects.public().filter(reply_to__isnull=True).for_cards(viewer)


def profile_timeline(profile: User, viewer: Viewer) -> QuerySet[Post]:
    """One person's posts, as far as the viewer may read them, without replies to others."""
    own_threads = Q(reply_to__isnull=True) | Q(reply_to__author=profile)
    return Post.objects.filter(own_threads, author=profile).visible_to(viewer).for_cards(viewer)
