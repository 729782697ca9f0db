from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import Block, Follow, FollowRequest, ListMember, Mute, User
from accounts.services.locks import invalidate_home_timeline, lock_user_pair


class BlockError(Exception):
    """Users cannot block or mute themselves."""


@transaction.atomic
def block(*, blocker: User, blocked: User) -> None:
    """Sever two users: follows and list memberships between them end, and neither sees the other.

    Raises:
        BlockError: with a message for the user.
    """
    if blocker.pk == blocked.pk:
        raise BlockError("You can’t block yourself.")
    lock_user_pair(blocker, blocked)
    Block.objects.get_or_create(blocker=blocker, blocked=blocked)
    either_way = Q(follower=blocker, followed=blocked) | Q(follower=blocked, followed=blocker)
    Follow.objects.filter(either_way).delete()
    FollowRequest.objects.filter(either_way).delete()
    ListMember.objects.filter(
        Q(list__owner=blocker, member=blocked) | Q(list__owner=blocked, member=blocker)
    ).delete()


@transaction.atomic
def unblock(*, blocker: User, blocked: User) -> None:
    """Remove a block; earlier follows are not restored."""
    lock_user_pair(blocker, blocked)
    deleted, _ = Block.objects.filter(blocker=blocker, blocked=blocked).delete()
    if deleted:
        # Reposts by others may have put the one's posts into the other's timeline.
        for person in sorted([blocker, blocked], key=lambda person: person.pk):
            invalidate_home_timeline(person)


@transaction.atomic
def mute(
    *, muter: User, muted: User, until: datetime | None = None, hides_notifications: bool = True
) -> None:
    """Hide a user from timelines, permanently or until a time; repeating it updates the mute.

    Raises:
        BlockError: with a message for the user.
    """
    if muter.pk == muted.pk:
        raise BlockError("You can’t mute yourself.")
    terms = {"until": until, "hides_notifications": hides_notifications}
    Mute.objects.update_or_create(muter=muter, muted=muted, defaults=terms)


@transaction.atomic
def unmute(*, muter: User, muted: User) -> None:
    """Remove a mute."""
    deleted, _ = Mute.objects.filter(muter=muter, muted=muted).delete()
    if deleted:
        invalidate_home_timeline(muter)
