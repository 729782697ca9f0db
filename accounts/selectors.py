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
    """A user whose id a compiled query is executed with; has what query sets ask of a user."""

    is_anonymous = False
    is_authenticated = True

    def __init__(self, name: str, preferred_languages: Sequence[str] = ()) -> None:
        super().__init__(name, BigIntegerField())
        self.preferred_languages = preferred_languages

    @property
    def pk(self) -> Param:
        return self


# The viewer of a compiled query, and the user whom one is about. Query sets cannot tell them from users.
VIEWER = cast(User, UserParam("viewer"))
SUBJECT = cast(User, UserParam("subject"))


def viewer_param(*, is_anonymous: bool, preferred_languages: Sequence[str] = ()) -> Viewer:
    """Return who stands for the viewer while a query is compiled."""
    return (
        AnonymousUser()
        if is_anonymous
        else cast(User, UserParam("viewer", tuple(preferred_languages)))
    )


class SubqueryCount(Subquery):
    """The number of rows that a query has."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class Relationship:
    """How a viewer and a profile stand to each other, and how many follow and are followed."""

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
        """Say whether one of the two blocks the other."""
        return self.is_blocking or self.is_blocked


def active_users() -> QuerySet[User]:
    """People whose pages may be seen."""
    return User.objects.filter(is_active=True, suspended_at__isnull=True)


def out_of_use() -> QuerySet[User]:
    """People whose pages nobody sees: few, so that it is quicker to leave them out than to look at all others."""
    return User.objects.filter(Q(is_active=False) | Q(suspended_at__isnull=False))


def without_blocked(people: QuerySet[User], viewer: Viewer) -> QuerySet[User]:
    """Those of some people whom the viewer does not block and who do not block the viewer."""
    if viewer.is_anonymous:
        return people
    return people.exclude(
        Exists(Block.objects.filter(blocker=viewer, blocked=OuterRef("pk")))
    ).exclude(Exists(Block.objects.filter(blocker=OuterRef("pk"), blocked=viewer)))


def pending_profile_images(user: User) -> list[ProfileImage]:
    """The newest picture of each place that is being developed, or could not be used."""
    newest = user.portraits.order_by("place", "-pk").distinct("place")
    return [portrait for portrait in newest if not portrait.is_ready]


def users_by_usernames(names: Iterable[str]) -> QuerySet[User]:
    """People with these usernames, in whatever case they are written."""
    return (
        active_users()
        .alias(lower=Lower("username"))
        .filter(lower__in={name.lower() for name in names})
    )


def by_username(people: QuerySet[User], username: str) -> QuerySet[User]:
    """Whoever of some people has this username, in whatever case it is written, found by its index."""
    return people.alias(lower=Lower("username")).filter(lower=username.lower())


def visible_users(viewer: Viewer) -> QuerySet[User]:
    """People whose pages may be seen, as far as a viewer and they do not block each other."""
    return without_blocked(active_users(), viewer)


def relationship(viewer: Viewer, profile: User) -> Relationship:
    """Return how a viewer and a profile stand to each other, in one query."""
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
    """The same people, each of whom somebody else may follow with the viewer's `standing`."""
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
    """Follows of a profile, with the follower at hand."""
    return Follow.objects.filter(
        followed=profile, follower__in=visible_users(viewer)
    ).select_related("follower")


def following_of(profile: User, viewer: Viewer) -> QuerySet[Follow]:
    """Follows by a profile, with the followed person at hand."""
    return Follow.objects.filter(
        follower=profile, followed__in=visible_users(viewer)
    ).select_related("followed")


def follow_requests_for(profile: User) -> QuerySet[FollowRequest]:
    """People who wait to be let in as followers, with each at hand."""
    return FollowRequest.objects.filter(
        followed=profile, follower__in=active_users()
    ).select_related("follower")


def blocks_by(person: User) -> QuerySet[Block]:
    return Block.objects.filter(blocker=person).select_related("blocked")


def mutes_by(person: User) -> QuerySet[Mute]:
    """Mutes that have not run out."""
    return Mute.objects.in_force().filter(muter=person).select_related("muted")


def user_lists_of(owner: User) -> QuerySet[UserList]:
    """A person's own lists, with the number of their members."""
    return UserList.objects.filter(owner=owner).annotate(size=Count("members"))


def members_of(people_list: UserList) -> QuerySet[ListMember]:
    """Members of a list, with each person at hand."""
    return ListMember.objects.filter(list=people_list, member__in=active_users()).select_related(
        "member"
    )


def suggested_users(viewer: User, size: int = 3) -> list[User]:
    """A few people who let be found and whom the viewer does not follow yet, the newest first."""
    followed: Any = Follow.objects.filter(follower=viewer, followed=OuterRef("pk"))
    people = (
        visible_users(viewer)
        .filter(is_discoverable=True)
        .exclude(pk=viewer.pk)
        .exclude(Exists(followed))
    )
    return annotate_follow_status(list(people.order_by("-pk")[:size]), viewer)
