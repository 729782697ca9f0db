import structlog
from celery import current_app
from kombu.exceptions import OperationalError as BrokerAway

from common.task_names import TaskName

log = structlog.get_logger()


def enqueue_task(name: TaskName, pk: int) -> None:
    """Send a task by its name, about a row that waits; with the broker away, a sweep finds the row."""
    try:
        current_app.send_task(name, [pk])
    except BrokerAway as error:
        log.warning("broker away, work waits", task=name, error=str(error))
