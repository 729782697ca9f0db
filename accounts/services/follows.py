from django.db import transaction

from accounts.models import Block, Follow, FollowRequest, User
from accounts.services.pairs import hold_pair, renew_home
from common.models import News
from common.news import tell


class CannotFollow(Exception):
    """People cannot follow themselves, an account that is out of use, or across a block."""


@transaction.atomic
def follow(*, follower: User, followed: User) -> None:
    """Follow a person, or ask to where they let followers in themselves; doing it again changes nothing.

    Raises:
        CannotFollow: with words for the person.
    """
    if follower.pk == followed.pk:
        raise CannotFollow("You cannot follow yourself.")
    if not followed.is_active or followed.suspended_at is not None:
        raise CannotFollow("This account is not in use any more.")
    hold_pair(follower, followed)
    if Block.objects.filter(blocker=follower, blocked=followed).exists():
        raise CannotFollow(f"You block @{followed.username}. Unblock them first.")
    if Block.objects.filter(blocker=followed, blocked=follower).exists():
        raise CannotFollow("You cannot follow this person.")
    if Follow.objects.filter(follower=follower, followed=followed).exists():
        return
    if User.objects.filter(pk=followed.pk, approves_followers=True).exists():
        ask(follower, followed)
    else:
        begin(follower, followed)


def ask(follower: User, followed: User) -> None:
    _, is_new = FollowRequest.objects.get_or_create(follower=follower, followed=followed)
    if is_new:
        tell(News.Topic.FOLLOW_REQUESTED, actor=follower.pk, person=followed.pk)


def begin(follower: User, followed: User) -> None:
    Follow.objects.create(follower=follower, followed=followed)
    FollowRequest.objects.filter(follower=follower, followed=followed).delete()
    renew_home(follower)
    tell(News.Topic.FOLLOWED, actor=follower.pk, person=followed.pk)


@transaction.atomic
def unfollow(*, follower: User, followed: User) -> None:
    """Stop following a person, or asking to; not following them already is fine."""
    hold_pair(follower, followed)
    Follow.objects.filter(follower=follower, followed=followed).delete()
    FollowRequest.objects.filter(follower=follower, followed=followed).delete()


@transaction.atomic
def accept_request(*, request: FollowRequest) -> bool:
    """Let somebody in as a follower; False where the request was taken back meanwhile."""
    hold_pair(request.follower, request.followed)
    deleted, _ = FollowRequest.objects.filter(pk=request.pk).delete()
    if deleted:
        begin(request.follower, request.followed)
    return bool(deleted)


def reject_request(*, request: FollowRequest) -> None:
    """Turn somebody away, who is not told."""
    FollowRequest.objects.filter(pk=request.pk).delete()
