import base64
import binascii

from rest_framework.authentication import get_authorization_header
from rest_framework.request import Request

from accounts.api.authentication import TokenAuthentication
from accounts.models import AccessToken, User

_SCHEME = b"basic"


class HubAuthentication(TokenAuthentication):
    """A token as `Bearer`, or as the password of `Basic` (RFC 7617), which mlcroissant and Git
    send.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        scheme, _, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() == _SCHEME:
            return self.get_active_token(password_in(text))
        return super().authenticate(request)


def password_in(credentials: bytes) -> str:
    try:
        _, _, password = base64.b64decode(credentials.strip(), validate=True).partition(b":")
    except binascii.Error:
        return ""
    return password.decode("latin-1")
