"""Act on what happened below: take each row of the outbox once, hand it to all whom it concerns, and delete it."""

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

# Who acts on what, in this order, in the transaction that deletes the row. A handler may run again for the same row,
# as one after it may fail or the worker may be killed: what it does outside the database has to bear that.
HANDLERS: dict[str, tuple[Handler, ...]] = {
    OutboxEvent.Topic.PUBLISHED: (fan_out, creators.notify_of_post),
    OutboxEvent.Topic.EDITED: (creators.notify_of_edit,),
    OutboxEvent.Topic.LIKED: (creators.notify_of_like,),
    OutboxEvent.Topic.FOLLOWED: (creators.notify_of_follow,),
    OutboxEvent.Topic.FOLLOW_REQUESTED: (creators.notify_of_request,),
    OutboxEvent.Topic.POLL_ENDED: (creators.notify_of_poll,),
    OutboxEvent.Topic.NOT_PUBLISHED: (creators.notify_of_failure,),
}

# After so many failures a row is left alone, for somebody to look at.
MAX_ATTEMPTS = 10
# A task begins no further row after this long.
TIME_BUDGET = 20
log = structlog.get_logger()


def dispatch_outbox() -> None:
    """Act on all news that nobody else is acting on, the oldest first.

    A row that fails is left to a later task. Tasks that run at once share the rows between them.
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
    """Act on the first row above an id that is free, and return its id; None where there is no such row."""
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
    """Count a failure, which is being handled, and say so."""
    OutboxEvent.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
    attempts = OutboxEvent.objects.values_list("attempts", flat=True).get(pk=pk)
    log.exception(
        "news given up" if attempts >= MAX_ATTEMPTS else "news not acted on",
        news=pk,
        attempts=attempts,
    )
