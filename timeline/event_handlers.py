"""Dispatches outbox events: each row is handled once by all its handlers, then deleted."""

import time
from collections.abc import Callable

import structlog
from django.db import transaction
from django.db.models import F

from common.models import OutboxEvent
from timeline.home.fan_out import fan_out
from timeline.home.redis_store import RedisUnavailableError
from timeline.notifications import creators

Handler = Callable[[OutboxEvent], None]

# Handlers by event type, in order, within the transaction that deletes the row. A handler may run
# again for the same row, so its effects outside the database must be idempotent.
HANDLERS: dict[str, tuple[Handler, ...]] = {
    OutboxEvent.Topic.PUBLISHED: (fan_out, creators.notify_of_post),
    OutboxEvent.Topic.EDITED: (creators.notify_of_edit,),
    OutboxEvent.Topic.LIKED: (creators.notify_of_like,),
    OutboxEvent.Topic.FOLLOWED: (creators.notify_of_follow,),
    OutboxEvent.Topic.FOLLOW_REQUESTED: (creators.notify_of_request,),
    OutboxEvent.Topic.POLL_ENDED: (creators.notify_of_poll,),
    OutboxEvent.Topic.NOT_PUBLISHED: (creators.notify_of_failure,),
}

# After so many failures a row is left for an operator.
MAX_ATTEMPTS = 10
# A task starts no further row after so many seconds.
TIME_BUDGET = 20
log = structlog.get_logger()


def dispatch_outbox() -> None:
    """Dispatch all unlocked events, oldest first.

    A failing row is left to a later task. Concurrent tasks share the rows.
    """
    deadline, position = time.monotonic() + TIME_BUDGET, 0
    while time.monotonic() < deadline:
        try:
            news = dispatch_next(after=position)
        except RedisUnavailableError:  # which is no fault of the row in hand
            log.warning("news waits for Redis")
            return
        if news is None:
            return
        position = news


def dispatch_next(*, after: int) -> int | None:
    """Process the next unlocked event after an id; return its id, or None if there is none."""
    with transaction.atomic():
        waiting = OutboxEvent.objects.filter(pk__gt=after, attempts__lt=MAX_ATTEMPTS).order_by("pk")
        news = waiting.select_for_update(skip_locked=True).first()
        if news is None:
            return None
        pk = news.pk
        try:
            with transaction.atomic():
                for handle in HANDLERS.get(news.topic, ()):
                    handle(news)
                news.delete()
        except RedisUnavailableError:
            raise
        except Exception:
            record_event_failure(pk)
        return pk


def record_event_failure(pk: int) -> None:
    """Count and log the exception being handled."""
    OutboxEvent.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
    attempts = OutboxEvent.objects.values_list("attempts", flat=True).get(pk=pk)
    log.exception(
        "news given up" if attempts >= MAX_ATTEMPTS else "news not acted on",
        news=pk,
        attempts=attempts,
    )
