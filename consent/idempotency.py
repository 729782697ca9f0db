"""Idempotency keys: one decision per key, however often it is sent
(draft-ietf-httpapi-idempotency-key-header).
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from consent.models import ConsentEvent, IdempotencyKey
from consent.services import lock_subject


class IdempotencyKeyReusedError(Exception):
    """The key was used with another request."""


@transaction.atomic
def idempotent_decision(
    *, user: Any, key: str, digest: str, act: Callable[[], ConsentEvent]
) -> ConsentEvent:
    """Run `act` for the first request with a key, and return the same event for repeats.

    Args: key: empty if none was sent; then `act` always runs. digest: of the request, so that a key
    cannot stand for two decisions.

    Raises:
        IdempotencyKeyReusedError: the key belongs to another decision.
    """
    if not key:
        return act()
    subject = lock_subject(user)
    earlier = (
        IdempotencyKey.objects.filter(subject=subject.pk, key=key)
        .select_related("event__notice")
        .order_by("pk")
        .first()
    )
    if earlier is None:
        event = act()
        IdempotencyKey.objects.create(subject=subject.pk, key=key, digest=digest, event=event)
        return event
    if earlier.digest != digest:
        raise IdempotencyKeyReusedError
    return earlier.event
