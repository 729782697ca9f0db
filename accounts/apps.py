from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401  they listen from now on
        from accounts.api import schema  # noqa: F401  it registers itself with the API's documentation
        from accounts.security_events import connect

        connect()
