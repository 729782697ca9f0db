from django.db import transaction

from accounts.models import Block, Follow, FollowRequest, User
from accounts.services.locks import invalidate_home_timeline, lock_user_pair
from common.models import OutboxEvent
from common.outbox import emit


class FollowError(Exception):
    """A user cannot follow themselves, an inactive account, or across a block."""


@transaction.atomic
def follow(*, follower: User, followed: User) -> None:
    """Follow a user, or request to; idempotent.

    Raises:
        FollowError: with a message for the user.
    """
    if follower.pk == followed.pk:
        raise FollowError("You can’t follow yourself.")
    if not followed.is_active or followed.suspended_at is not None:
        raise FollowError("This account is no longer active.")
    lock_user_pair(follower, followed)
    if Block.objects.filter(blocker=follower, blocked=followed).exists():
        raise FollowError(f"You block @{followed.username}. Unblock them first.")
    if Block.objects.filter(blocker=followed, blocked=follower).exists():
        raise FollowError("You can’t follow this user.")
    if Follow.objects.filter(follower=follower, followed=followed).exists():
        return
    if User.objects.filter(pk=followed.pk, requires_follow_approval=True).exists():
        create_follow_request(follower, followed)
    else:
        create_follow(follower, followed)


def create_follow_request(follower: User, followed: User) -> None:
    _, is_new = FollowRequest.objects.get_or_create(follower=follower, followed=followed)
    if is_new:
        emit(OutboxEvent.Topic.FOLLOW_REQUESTED, actor=follower.pk, person=followed.pk)


def create_follow(follower: User, followed: User) -> None:
    Follow.objects.create(follower=follower, followed=followed)
    FollowRequest.objects.filter(follower=follower, followed=followed).delete()
    invalidate_home_timeline(follower)
    emit(OutboxEvent.Topic.FOLLOWED, actor=follower.pk, person=followed.pk)


@transaction.atomic
def unfollow(*, follower: User, followed: User) -> None:
    """Unfollow a user or cancel the request; idempotent."""
    lock_user_pair(follower, followed)
    Follow.objects.filter(follower=follower, followed=followed).delete()
    FollowRequest.objects.filter(follower=follower, followed=followed).delete()


@transaction.atomic
def accept_request(*, request: FollowRequest) -> bool:
    """Accept a follow request; False if it was withdrawn meanwhile."""
    lock_user_pair(request.follower, request.followed)
    deleted, _ = FollowRequest.objects.filter(pk=request.pk).delete()
    if deleted:
        create_follow(request.follower, request.followed)
    return bool(deleted)


def reject_request(*, request: FollowRequest) -> None:
    """Decline a follow request without telling the requester."""
    FollowRequest.objects.filter(pk=request.pk).delete()
