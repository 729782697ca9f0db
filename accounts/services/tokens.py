from collections.abc import Collection

from django.utils import timezone

from accounts.models import AccessToken, User, default_scopes, digest_of


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
