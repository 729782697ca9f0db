from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Lower

from accounts.models import Block, Follow, User

Viewer = User | AnonymousUser


@dataclass(frozen=True, slots=True)
class Relationship:
    """How a viewer and a profile stand to each other, and how many follow and are followed."""

    is_following: bool = False
    follows_you: bool = False
    follower_count: int = 0
    following_count: int = 0


def active_people() -> QuerySet[User]:
    """People whose pages may be seen."""
    return User.objects.filter(is_active=True, suspended_at__isnull=True)


def without_blocked(people: QuerySet[User], viewer: Viewer) -> QuerySet[User]:
    """Those of some people whom the viewer does not block and who do not block the viewer."""
    if viewer.is_anonymous:
        return people
    return people.exclude(Exists(Block.objects.filter(blocker=viewer, blocked=OuterRef("pk")))).exclude(
        Exists(Block.objects.filter(blocker=OuterRef("pk"), blocked=viewer))
    )


def people_named(names: Iterable[str]) -> QuerySet[User]:
    """People with these usernames, in whatever case they are written."""
    return active_people().alias(lower=Lower("username")).filter(lower__in={name.lower() for name in names})


def relationship(viewer: Viewer, profile: User) -> Relationship:
    followers, following = (
        Follow.objects.filter(followed=profile).count(),
        Follow.objects.filter(follower=profile).count(),
    )
    if viewer.is_anonymous:
        return Relationship(follower_count=followers, following_count=following)
    pairs = set(
        Follow.objects.filter(
            follower_id__in=[viewer.pk, profile.pk], followed_id__in=[viewer.pk, profile.pk]
        ).values_list("follower_id", flat=True)
    )
    return Relationship(
        is_following=viewer.pk in pairs,
        follows_you=profile.pk in pairs and viewer.pk != profile.pk,
        follower_count=followers,
        following_count=following,
    )


def followers_of(profile: User) -> QuerySet[Follow]:
    """Follows of a profile, with the follower at hand."""
    return Follow.objects.filter(followed=profile, follower__in=active_people()).select_related("follower")


def followed_by(profile: User) -> QuerySet[Follow]:
    """Follows by a profile, with the followed person at hand."""
    return Follow.objects.filter(follower=profile, followed__in=active_people()).select_related("followed")


def people_to_meet(viewer: User, size: int = 3) -> list[User]:
    """A few people whom the viewer does not follow yet, the newest first."""
    followed: Any = Follow.objects.filter(follower=viewer, followed=OuterRef("pk"))
    people = active_people().exclude(pk=viewer.pk).exclude(Exists(followed))
    return list(people.order_by("-pk")[:size])
