"""Tell the parts above what happened, so that a crash between the act and its consequences loses nothing."""

from celery import current_app
from django.db import transaction

from common.models import OutboxEvent
from common.task_names import TaskName

# A message that lay longer in the queue is of no use: beat has sent others since.
MESSAGE_EXPIRES = 30


def emit(
    topic: str,
    *,
    actor: int,
    post: int | None = None,
    person: int | None = None,
    draft: int | None = None,
) -> None:
    """Note a piece of news in the transaction of what happened, and have it acted on soon after."""
    OutboxEvent.objects.create(
        topic=topic, actor_id=actor, post_id=post, person_id=person, draft_id=draft
    )
    transaction.on_commit(schedule_dispatch, robust=True)


def schedule_dispatch() -> None:
    """Have a worker look for news; where the message is lost, beat sends another."""
    current_app.send_task(TaskName.OUTBOX_DISPATCH, expires=MESSAGE_EXPIRES)
