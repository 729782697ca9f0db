"""Celery's queues, which task waits in which, and the workers that empty them (bulkheads).

Work that strangers can cause in any amount, such as opening their pictures, has workers of its own, so that it never
stands before what was promised to be quick: erasure, mail, and a post's way to its readers.
"""

from dataclasses import dataclass

# The queue of a task by its name; a task that is missing here would wait in DEFAULT_QUEUE, and a test fails.
ROUTES = {
    # Promised in seconds: the consent log, and what was withdrawn leaving the files and the disk.
    "consent.tasks.sign_checkpoints": "erasure",
    "dataset_export.tasks.erase_revoked_task": "erasure",
    "dataset_export.tasks.vacuum_erased": "erasure",
    "dataset_export.tasks.notify_downloaders": "erasure",
    "common.tasks.delete_orphaned_files_task": "erasure",
    # What people wait for.
    "timeline.tasks.act_on_news": "people",
    "posts.tasks.close_polls": "people",
    "posts.tasks.publish_scheduled_posts": "people",
    "posts.tasks.publish_one": "people",
    # A mail server may take its time.
    "common.tasks.send_mail": "mail",
    "common.tasks.send_waiting_mail": "mail",
    "dataset_export.tasks.notify_requesters": "mail",
    "dataset_export.tasks.notify_creator_task": "mail",
    # Files and servers of strangers.
    "posts.tasks.process_media_task": "media",
    "posts.tasks.retry_pending_media": "media",
    "accounts.tasks.process_profile_image_task": "media",
    "accounts.tasks.retry_pending_profile_images": "media",
    "posts.tasks.fetch_preview_task": "previews",
    "posts.tasks.retry_pending_previews": "previews",
    "dataset_export.tasks.send_webhooks": "webhooks",
    # Data sets.
    "dataset_export.tasks.build_range": "builds",
    "dataset_export.tasks.resume_builds": "builds",
    # What nobody waits for.
    "dataset_export.tasks.compute_review_statistics": "maintenance",
    "dataset_export.tasks.compute_transparency_statistics": "maintenance",
    "posts.tasks.delete_orphaned_media_task": "maintenance",
    "timeline.tasks.extend_sitemap_task": "maintenance",
    "timeline.tasks.update_trends": "maintenance",
    # Sent to each queue by name, see HEARTBEATS.
    "common.tasks.record_heartbeat_task": "maintenance",
}
DEFAULT_QUEUE = "people"
# Seconds after which a worker ends a task of a queue, with the process that runs it.
TIME_LIMITS = {
    "erasure": 300,  # one task erases for 200 s at most, then ends the file in hand
    "people": 120,
    "mail": 120,
    "media": 120,  # opening a picture ends after 90 s
    "previews": 120,
    "webhooks": 120,  # one task sends for 60 s at most, then ends the message in hand
    "builds": 300,
    "maintenance": 300,
}
QUEUES = tuple(TIME_LIMITS)
ANNOTATIONS = {task: {"time_limit": TIME_LIMITS[queue]} for task, queue in ROUTES.items()}
# Redis gives a message to another worker when the first has kept it this long: later than any task can end.
VISIBILITY_SECONDS = 2 * max(TIME_LIMITS.values())
HEARTBEAT_SECONDS = 10.0
HEARTBEATS = {
    f"heartbeat.{queue}": {
        "task": "common.tasks.record_heartbeat_task",
        "schedule": HEARTBEAT_SECONDS,
        "args": [queue],
        "options": {"queue": queue},
    }
    for queue in QUEUES
}


@dataclass(frozen=True, slots=True)
class Worker:
    """A Celery worker: which queues it empties, in turn, and with how many processes (or threads, if it only waits)."""

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


# As docker-compose.yml has them. With two processes, an erasure need not wait for the disk to be written anew.
WORKERS = (
    Worker("erasure", ("erasure",), 2),
    Worker("people", ("people",), 1),
    Worker("mail", ("mail",), 4, pool="threads"),
    Worker("media", ("media", "previews", "webhooks"), 1),
    Worker("builds", ("builds", "maintenance"), 2),
)
