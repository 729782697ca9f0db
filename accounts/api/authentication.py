from datetime import timedelta

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import AccessToken, User, hash_token

_SCHEME = "bearer"
# `last_used_at` is shown to people: a write for each range request would be too much.
LAST_USED_RESOLUTION = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`, RFC 6750."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        scheme, _, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() != _SCHEME.encode():
            return None
        return self.get_active_token(text.strip().decode("latin-1"))

    def get_active_token(self, text: str) -> tuple[User, AccessToken]:
        token = (
            AccessToken.objects.in_force()
            .filter(digest=hash_token(text))
            .select_related("user")
            .order_by("pk")
            .first()
        )
        if token is None:
            raise AuthenticationFailed("The access token is invalid")
        touch_last_used(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="commonplace"'


def touch_last_used(token: AccessToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > LAST_USED_RESOLUTION:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)
