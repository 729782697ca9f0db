"""Security log: account and key events with user and address, never with what was typed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
log = structlog.get_logger("security")


@contextmanager
def remember_request(request: HttpRequest) -> Iterator[None]:
    """Attach the address of a request to events within the block."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def log_security_event(event: str, *, user_id: int | None, **fields: object) -> None:
    """Log an event (a dotted slug such as `login.failed`) about an account."""
    log.info(event, user_id=user_id, address=get_address(), **fields)


def get_address() -> str | None:
    """Return the visitor's address behind the trusted proxies, or None."""
    request = _request.get()
    if request is None:
        return None
    try:
        return str(get_adapter().get_client_ip(request))
    except (ImproperlyConfigured, PermissionDenied):
        return None
