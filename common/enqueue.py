import structlog
from celery import current_app
from kombu.exceptions import OperationalError as BrokerAway

from common.task_names import TaskName

log = structlog.get_logger()


def enqueue_task(name: TaskName, *arguments: int, expires: float | None = None) -> None:
    """Enqueue a task by name. Without a broker it only logs: a periodic task finds the work
    later.
    """
    try:
        current_app.send_task(name, arguments, expires=expires)
    except BrokerAway as error:
        log.warning("broker away, work waits", task=name, error=str(error))
