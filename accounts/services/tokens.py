from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import DEFAULT_LIFETIME, AccessToken, User, default_scopes, hash_token
from common.security_log import log_security_event


def create_token(
    *, user: User, name: str, scopes: Collection[str] = (), lifetime: timedelta = DEFAULT_LIFETIME
) -> str:
    """Create an access token and return its text, which is not stored. Default scope: datasets."""
    token = AccessToken.draw()
    made = AccessToken.objects.create(
        user=user,
        name=name,
        digest=hash_token(token),
        scopes=sorted(set(scopes)) or default_scopes(),
        expires_at=timezone.now() + lifetime,
    )
    log_security_event("token.created", user_id=user.pk, token=made.pk, scopes=made.scopes)
    return token


def revoke_token(*, token: AccessToken) -> None:
    """Revoke a token."""
    if AccessToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    ):
        log_security_event("token.revoked", user_id=token.user_id, token=token.pk)


def revoke_all_tokens(*, user: User) -> int:
    """Revoke all tokens of a user and return their number."""
    revoked = AccessToken.objects.not_ended().filter(user=user).update(revoked_at=timezone.now())
    if revoked:
        log_security_event("token.revoked", user_id=user.pk, tokens=revoked)
    return revoked


@contextmanager
def keeping_tokens(user: User) -> Iterator[None]:
    """Keep the active tokens valid when their owner sets a password within the block."""
    with transaction.atomic():
        kept = list(AccessToken.objects.not_ended().filter(user=user).values_list("pk", flat=True))
        yield
        AccessToken.objects.filter(pk__in=kept).update(trusted_at=timezone.now())
