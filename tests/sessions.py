from django.test import Client

from tests.factories import PASSWORD


def confirm_password(client: Client) -> None:
    """Give the password again, as is asked of whoever is logged in before what others must not do with a session."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
