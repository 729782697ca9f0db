"""Transactional outbox: events are inserted with the change, so a crash before they are handled
loses nothing.
"""

from celery import current_app
from django.db import transaction

from common.models import OutboxEvent
from common.task_names import TaskName

# Wake-ups expire: the periodic sweep has sent newer ones.
MESSAGE_EXPIRES = 30


def emit(
    topic: str,
    *,
    actor: int,
    post: int | None = None,
    person: int | None = None,
    draft: int | None = None,
) -> None:
    """Insert an event in the current transaction and dispatch it after the commit."""
    OutboxEvent.objects.create(
        topic=topic, actor_id=actor, post_id=post, person_id=person, draft_id=draft
    )
    transaction.on_commit(schedule_dispatch, robust=True)


def schedule_dispatch() -> None:
    """Wake a worker to dispatch events; the periodic sweep replaces lost messages."""
    current_app.send_task(TaskName.OUTBOX_DISPATCH, expires=MESSAGE_EXPIRES)
