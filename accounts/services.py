from django.db import transaction

from accounts.models import Follow, User


class CannotFollow(Exception):
    """People cannot follow themselves, nor an account that is out of use."""


@transaction.atomic
def follow(*, follower: User, followed: User) -> None:
    """Follow a person; doing it again changes nothing."""
    if follower.pk == followed.pk:
        raise CannotFollow("You cannot follow yourself.")
    if not followed.is_active or followed.suspended_at is not None:
        raise CannotFollow("This account is not in use any more.")
    Follow.objects.get_or_create(follower=follower, followed=followed)


@transaction.atomic
def unfollow(*, follower: User, followed: User) -> None:
    """Stop following a person; not following them already is fine."""
    Follow.objects.filter(follower=follower, followed=followed).delete()
