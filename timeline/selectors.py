from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.selectors import Viewer
from posts.models import Post


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
