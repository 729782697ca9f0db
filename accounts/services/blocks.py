from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import Block, Follow, FollowRequest, ListMember, Mute, User
from accounts.services.locks import invalidate_home_timeline, lock_user_pair


class BlockError(Exception):
    """Nobody blocks or mutes themselves."""


@transaction.atomic
def block(*, blocker: User, blocked: User) -> None:
    """Part two people: neither follows, lists, sees or reaches the other from now on.

    Raises:
        CannotBlock: with words for the person.
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
    """Take a block back; follows do not come back with it."""
    lock_user_pair(blocker, blocked)
    deleted, _ = Block.objects.filter(blocker=blocker, blocked=blocked).delete()
    if deleted:
        # Others may have brought posts of the one to the other.
        for person in sorted([blocker, blocked], key=lambda person: person.pk):
            invalidate_home_timeline(person)


@transaction.atomic
def mute(
    *, muter: User, muted: User, until: datetime | None = None, hides_notifications: bool = True
) -> None:
    """Keep a person's words out of timelines, for good or until a moment; doing it again changes the terms.

    Raises:
        CannotBlock: with words for the person.
    """
    if muter.pk == muted.pk:
        raise BlockError("You can’t mute yourself.")
    terms = {"until": until, "hides_notifications": hides_notifications}
    Mute.objects.update_or_create(muter=muter, muted=muted, defaults=terms)


@transaction.atomic
def unmute(*, muter: User, muted: User) -> None:
    """Take a mute back."""
    deleted, _ = Mute.objects.filter(muter=muter, muted=muted).delete()
    if deleted:
        invalidate_home_timeline(muter)
