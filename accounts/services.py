from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from accounts.models import AccessToken, Follow, User, default_scopes, digest_of
from common.models import News
from common.news import tell


class CannotFollow(Exception):
    """People cannot follow themselves, nor an account that is out of use."""


@transaction.atomic
def follow(*, follower: User, followed: User) -> None:
    """Follow a person; doing it again changes nothing."""
    if follower.pk == followed.pk:
        raise CannotFollow("You cannot follow yourself.")
    if not followed.is_active or followed.suspended_at is not None:
        raise CannotFollow("This account is not in use any more.")
    _, is_new = Follow.objects.get_or_create(follower=follower, followed=followed)
    if is_new:
        tell(News.Topic.FOLLOWED, actor=follower.pk, person=followed.pk)


@transaction.atomic
def unfollow(*, follower: User, followed: User) -> None:
    """Stop following a person; not following them already is fine."""
    Follow.objects.filter(follower=follower, followed=followed).delete()


def create_token(*, user: User, name: str, scopes: Collection[str] = ()) -> str:
    """Make an access token and return its text, which cannot be had again; without scopes it reads data sets."""
    token = AccessToken.draw()
    AccessToken.objects.create(
        user=user, name=name, digest=digest_of(token), scopes=sorted(set(scopes)) or default_scopes()
    )
    return token


def revoke_token(*, token: AccessToken) -> None:
    """Make a token worthless from now on."""
    AccessToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
