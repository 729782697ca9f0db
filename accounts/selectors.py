from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Lower

from accounts.models import (
    Block,
    Follow,
    FollowRequest,
    ListMember,
    Mute,
    ProfileImage,
    User,
    UserList,
)
from common.compiled_queries import Param

Viewer = User | AnonymousUser


class UserParam(Param):
    """Placeholder for a user's id in a compiled query, with the attributes that query sets read."""

    is_anonymous = False
    is_authenticated = True

    def __init__(self, name: str, preferred_languages: Sequence[str] = ()) -> None:
        super().__init__(name, BigIntegerField())
        self.preferred_languages = preferred_languages

    @property
    def pk(self) -> Param:
        return self


# The viewer and the subject of a compiled query. Query sets take them for users.
VIEWER = cast(User, UserParam("viewer"))
SUBJECT = cast(User, UserParam("subject"))


def viewer_param(*, is_anonymous: bool, preferred_languages: Sequence[str] = ()) -> Viewer:
    """Return the placeholder for the viewer while a query is compiled."""
    return (
        AnonymousUser()
        if is_anonymous
        else cast(User, UserParam("viewer", tuple(preferred_languages)))
    )


class SubqueryCount(Subquery):
    """The number of rows of a subquery."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class Relationship:
    """A viewer's relationship to a profile, with its follower counts."""

    is_following: bool = False
    is_requested: bool = False
    follows_you: bool = False
    is_blocking: bool = False
    is_blocked: bool = False
    is_muting: bool = False
    follower_count: int = 0
    following_count: int = 0

    @property
    def is_blocked_either_way(self) -> bool:
        """Tell whether either user blocks the other."""
        return self.is_blocking or self.is_blocked


def active_users() -> QuerySet[User]:
    """Users whose pages are visible."""
    return User.objects.filter(is_active=True, suspended_at__isnull=True)


def out_of_use() -> QuerySet[User]:
    """Inactive and suspended users. They are few, so excluding them is faster than filtering all
    others.
    """
    return User.objects.filter(Q(is_active=False) | Q(suspended_at__isnull=False))


def without_blocked(people: QuerySet[User], viewer: Viewer) -> QuerySet[User]:
    """Exclude users who block the viewer or are blocked by the viewer."""
    if viewer.is_anonymous:
        return people
    return people.exclude(
        Exists(Block.objects.filter(blocker=viewer, blocked=OuterRef("pk")))
    ).exclude(Exists(Block.objects.filter(blocker=OuterRef("pk"), blocked=viewer)))


def pending_profile_images(user: User) -> list[ProfileImage]:
    """The newest pending or failed image of each slot."""
    newest = user.portraits.order_by("place", "-pk").distinct("place")
    return [portrait for portrait in newest if not portrait.is_ready]


def users_by_usernames(names: Iterable[str]) -> QuerySet[User]:
    """Users by username, case-insensitively."""
    return (
        active_users()
        .alias(lower=Lower("username"))
        .filter(lower__in={name.lower() for name in names})
    )


def by_username(people: QuerySet[User], username: str) -> QuerySet[User]:
    """Filter by username, case-insensitively, using the functional index."""
    return people.alias(lower=Lower("username")).filter(lower=username.lower())


def visible_users(viewer: Viewer) -> QuerySet[User]:
    """Users whose pages a viewer may see: active, and no block in either direction."""
    return without_blocked(active_users(), viewer)


def relationship(viewer: Viewer, profile: User) -> Relationship:
    """Return the viewer's relationship to a profile in one query."""
    counts: dict[str, Any] = {
        "follower_count": SubqueryCount(
            Follow.objects.filter(followed=OuterRef("pk")).exclude(follower__in=out_of_use())
        ),
        "following_count": SubqueryCount(
            Follow.objects.filter(follower=OuterRef("pk")).exclude(followed__in=out_of_use())
        ),
    }
    people = User.objects.filter(pk=profile.pk).annotate(**counts)
    if viewer.is_anonymous or viewer.pk == profile.pk:
        return Relationship(**people.values(*counts).get())
    there, back = (
        {"follower": viewer, "followed": profile},
        {"follower": profile, "followed": viewer},
    )
    standing = {
        "is_following": Exists(Follow.objects.filter(**there)),
        "is_requested": Exists(FollowRequest.objects.filter(**there)),
        "follows_you": Exists(Follow.objects.filter(**back)),
        "is_blocking": Exists(Block.objects.filter(blocker=viewer, blocked=profile)),
        "is_blocked": Exists(Block.objects.filter(blocker=profile, blocked=viewer)),
        "is_muting": Exists(Mute.objects.in_force().filter(muter=viewer, muted=profile)),
    }
    return Relationship(**people.annotate(**standing).values(*counts, *standing).get())


def annotate_follow_status(people: list[User], viewer: Viewer) -> list[User]:
    """Annotate users with the viewer's follow status."""
    if viewer.is_anonymous:
        return people
    others = [person for person in people if person.pk != viewer.pk]
    ids = [person.pk for person in others]
    followed = Follow.objects.filter(follower=viewer, followed__in=ids).values_list(
        "followed", Value(True)
    )
    asked = FollowRequest.objects.filter(follower=viewer, followed__in=ids).values_list(
        "followed", Value(False)
    )
    is_followed = dict(followed.union(asked))
    for person in others:
        follows = is_followed.get(person.pk)
        person.standing = Relationship(is_following=follows is True, is_requested=follows is False)  # type: ignore[misc]
    return people


def followers_of(profile: User, viewer: Viewer) -> QuerySet[Follow]:
    """Follows of a profile with their followers."""
    return Follow.objects.filter(
        followed=profile, follower__in=visible_users(viewer)
    ).select_related("follower")


def following_of(profile: User, viewer: Viewer) -> QuerySet[Follow]:
    """Follows by a profile with the followed users."""
    return Follow.objects.filter(
        follower=profile, followed__in=visible_users(viewer)
    ).select_related("followed")


def follow_requests_for(profile: User) -> QuerySet[FollowRequest]:
    """Pending follow requests to a user."""
    return FollowRequest.objects.filter(
        followed=profile, follower__in=active_users()
    ).select_related("follower")


def blocks_by(person: User) -> QuerySet[Block]:
    return Block.objects.filter(blocker=person).select_related("blocked")


def mutes_by(person: User) -> QuerySet[Mute]:
    """Active mutes of a user."""
    return Mute.objects.in_force().filter(muter=person).select_related("muted")


def user_lists_of(owner: User) -> QuerySet[UserList]:
    """A user's lists with their member counts."""
    return UserList.objects.filter(owner=owner).annotate(size=Count("members"))


def members_of(people_list: UserList) -> QuerySet[ListMember]:
    """Members of a list with their users."""
    return ListMember.objects.filter(list=people_list, member__in=active_users()).select_related(
        "member"
    )


def suggested_users(viewer: User, size: int = 3) -> list[User]:
    """Discoverable users the viewer does not follow yet, newest first."""
    followed: Any = Follow.objects.filter(follower=viewer, followed=OuterRef("pk"))
    people = (
        visible_users(viewer)
        .filter(is_discoverable=True)
        .exclude(pk=viewer.pk)
        .exclude(Exists(followed))
    )
    return annotate_follow_status(list(people.order_by("-pk")[:size]), viewer)
