"""Suggested users: discoverable, publicly active, nearest first."""

from typing import Any

from django.db.models import Count, Exists, OuterRef

from accounts.models import Follow, User
from accounts.selectors import Viewer, annotate_follow_status, visible_users
from posts.models import Post

# Sample sizes of newest follows and posts.
_SAMPLE = 100


def users_worth_following(viewer: Viewer, size: int) -> list[User]:
    """Users to follow: those followed by many of the viewer's follows, then active ones."""
    near = followed_by_followed(viewer) if isinstance(viewer, User) else []
    lively = Post.objects.public().order_by("-pk").values_list("author", flat=True)[:_SAMPLE]
    ids = list(dict.fromkeys([*near, *lively]))
    people = visible_users(viewer).filter(pk__in=ids, is_discoverable=True)
    if isinstance(viewer, User):
        followed: Any = Follow.objects.filter(follower=viewer, followed=OuterRef("pk"))
        people = people.exclude(pk=viewer.pk).exclude(Exists(followed))
    found = people.in_bulk()
    return annotate_follow_status([found[pk] for pk in ids if pk in found][:size], viewer)


def followed_by_followed(viewer: User) -> list[int]:
    """Return users followed by several of the viewer's newest follows, most common first."""
    followed = Follow.objects.filter(follower=viewer).order_by("-pk").values("followed")[:_SAMPLE]
    newest = (
        Follow.objects.filter(follower__in=followed)
        .order_by("-pk")
        .values("pk")[: _SAMPLE * _SAMPLE]
    )
    agreed = Follow.objects.filter(pk__in=newest).values("followed").annotate(times=Count("pk"))
    return list(agreed.order_by("-times", "followed").values_list("followed", flat=True)[:_SAMPLE])
