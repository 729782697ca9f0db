"""Celery's queues, the routes of all tasks, and the workers (bulkheads).

Work that users can cause in any amount, such as processing their images, has workers of its own.
It never delays what was promised to be quick: erasure, mail and the fan-out of a post.
"""

from dataclasses import dataclass
from typing import Any

from common.task_names import TaskName

# The queue of each task; a test fails when one is missing.
ROUTES: dict[str, str] = {
    # Promised within seconds: the consent log, and erasure of withdrawn posts.
    TaskName.TRANSPARENCY_LOG_SIGN_CHECKPOINT: "erasure",
    TaskName.ERASURE_ERASE_REVOKED: "erasure",
    TaskName.ERASURE_VACUUM: "erasure",
    TaskName.REMOVALS_NOTIFY_DOWNLOADERS: "erasure",
    TaskName.FILES_DELETE_ORPHANED: "erasure",
    # What users wait for.
    TaskName.OUTBOX_DISPATCH: "people",
    TaskName.POLLS_CLOSE: "people",
    TaskName.DRAFTS_PUBLISH_DUE: "people",
    TaskName.DRAFTS_PUBLISH: "people",
    # A mail server may take its time.
    TaskName.MAIL_SEND: "mail",
    TaskName.MAIL_RETRY_PENDING: "mail",
    TaskName.ACCESS_NOTIFY_REQUESTERS: "mail",
    TaskName.BUILDS_NOTIFY_CREATOR: "mail",
    # Other people's files and servers.
    TaskName.MEDIA_PROCESS: "media",
    TaskName.MEDIA_RETRY_PENDING: "media",
    TaskName.PROFILE_IMAGES_PROCESS: "media",
    TaskName.PROFILE_IMAGES_RETRY_PENDING: "media",
    TaskName.LINK_PREVIEWS_FETCH: "previews",
    TaskName.LINK_PREVIEWS_RETRY_PENDING: "previews",
    TaskName.REMOVALS_SEND_WEBHOOKS: "webhooks",
    # Datasets.
    TaskName.BUILDS_RUN_TASK: "builds",
    TaskName.BUILDS_RESUME: "builds",
    # Not urgent.
    TaskName.REVIEW_COMPUTE_STATISTICS: "maintenance",
    TaskName.TRANSPARENCY_COMPUTE_STATISTICS: "maintenance",
    TaskName.MEDIA_DELETE_UNUSED: "maintenance",
    TaskName.SITEMAP_EXTEND: "maintenance",
    TaskName.TRENDS_UPDATE: "maintenance",
    # Sent to each queue, see HEARTBEATS.
    TaskName.HEARTBEAT_RECORD: "maintenance",
}
DEFAULT_QUEUE = "people"
# Seconds after which a worker kills a task of a queue, with the process that runs it.
TIME_LIMITS = {
    "erasure": 300,  # a task erases for up to 200 s, then finishes the current file
    "people": 120,
    "mail": 120,
    "media": 120,  # the sandbox kills image processing after 90 s
    "previews": 120,
    "webhooks": 120,  # a task sends for up to 60 s, then finishes the current message
    "builds": 300,
    "maintenance": 300,
}
QUEUES = tuple(TIME_LIMITS)
ANNOTATIONS = {task: {"time_limit": TIME_LIMITS[queue]} for task, queue in ROUTES.items()}
# Redis redelivers a message after this long: later than any task can end.
VISIBILITY_SECONDS = 2 * max(TIME_LIMITS.values())
HEARTBEAT_SECONDS = 10.0
HEARTBEATS = {
    f"heartbeat.{queue}": {
        "task": str(TaskName.HEARTBEAT_RECORD),
        "schedule": HEARTBEAT_SECONDS,
        "args": [queue],
        "options": {"queue": queue},
    }
    for queue in QUEUES
}


def build_schedule(intervals: dict[TaskName, float]) -> dict[str, dict[str, Any]]:
    """Return a beat schedule whose keys are the names of the tasks."""
    return {
        str(task): {"task": str(task), "schedule": seconds} for task, seconds in intervals.items()
    }


@dataclass(frozen=True, slots=True)
class Worker:
    """A Celery worker: its queues in round robin, and its number of processes (or threads)."""

    name: str
    queues: tuple[str, ...]
    concurrency: int
    pool: str = "prefork"

    def arguments(self) -> list[str]:
        """Return the command line after `celery --app config`."""
        return [
            *("--quiet", "worker"),
            *("--hostname", f"{self.name}@%h", "--queues", ",".join(self.queues)),
            *("--pool", self.pool, "--concurrency", str(self.concurrency)),
            *("--without-gossip", "--without-mingle"),
        ]


# The same as in docker-compose.yml. Two processes let an erasure run beside a vacuum.
WORKERS = (
    Worker("erasure", ("erasure",), 2),
    Worker("people", ("people",), 1),
    Worker("mail", ("mail",), 4, pool="threads"),
    Worker("media", ("media", "previews", "webhooks"), 1),
    Worker("builds", ("builds", "maintenance"), 2),
)
