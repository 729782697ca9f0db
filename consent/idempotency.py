"""One decision for one key, however often a program sends it (draft-ietf-httpapi-idempotency-key-header)."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from consent.models import ConsentEvent, IdempotencyKey
from consent.services import lock_subject


class IdempotencyKeyReusedError(Exception):
    """The key was sent before with another request."""


@transaction.atomic
def idempotent_decision(
    *, user: Any, key: str, digest: str, act: Callable[[], ConsentEvent]
) -> ConsentEvent:
    """Do `act` the first time a person's key comes, and return the same event each time after.

    Args:
        key: empty where the program sent none; then `act` is done.
        digest: of what was asked for, so that one key cannot stand for two decisions.

    Raises:
        KeyReused: the key stands for another decision.
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
