"""Connects signals of Django and allauth to the security log."""

from collections.abc import Callable, Mapping
from typing import Any

from allauth.account import signals as account
from django.contrib.auth import signals as auth
from django.dispatch import Signal

from accounts.models import User
from common.security_log import log_security_event

EVENTS: dict[str, Signal] = {
    "account.created": account.user_signed_up,
    "login.succeeded": auth.user_logged_in,
    "logout": auth.user_logged_out,
    "password.set": account.password_set,
    "password.changed": account.password_changed,
    "password.reset": account.password_reset,
    "email.added": account.email_added,
    "email.changed": account.email_changed,
    "email.removed": account.email_removed,
}


def connect() -> None:
    """Log each signal as its event."""
    for event, signal in EVENTS.items():
        signal.connect(logs(event), weak=False, dispatch_uid=f"security.{event}")
    auth.user_login_failed.connect(log_failed_login, dispatch_uid="security.login.failed")


def logs(event: str) -> Callable[..., None]:
    def receive(*, user: User | None = None, **_: Any) -> None:
        log_security_event(event, user_id=user.pk if user else None)

    return receive


def log_failed_login(*, credentials: Mapping[str, Any], **_: Any) -> None:
    """Log a failed log-in without the name that was typed: it may be a password."""
    named = User.objects.none()
    for field in ("username", "email"):
        if typed := credentials.get(field):
            named = User.objects.filter(**{f"{field}__iexact": typed})
    log_security_event(
        "login.failed", user_id=named.order_by("pk").values_list("pk", flat=True).first()
    )
