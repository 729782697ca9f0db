"""Real Celery workers on the test's own database and broker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil
from django.conf import settings
from django.db import connection

from common.database_role import grant_site_role
from config.celery import app
from config.queues import QUEUES

SECONDS = 240
SITE_PASSWORD = "only-for-tests"


def wait_until(condition: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    """Wait for a condition, and fail with its name when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain for: {what}"
        time.sleep(0.05)


def database_url(role: str = "") -> str:
    """Return the address of the database that this test uses, for the owner of its tables or another role."""
    values = connection.settings_dict
    query = urlencode(
        {"host": values["HOST"], **({"port": values["PORT"]} if values["PORT"] else {})}
    )
    user, password = (role, SITE_PASSWORD) if role else (values["USER"], values["PASSWORD"])
    login = quote(user) + (f":{quote(password)}" if password else "")
    return f"postgresql://{login}@/{quote(values['NAME'])}?{query}"


def site_database_url() -> str:
    """Return the same for a role with no more rights than a site in production has."""
    # Roles belong to the whole server: runs at the same time must not change the same one.
    role = f"commonplace_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    grant_site_role(role, SITE_PASSWORD)
    return database_url(role)


@contextmanager
def celery_worker(
    folder: Path,
    name: str = "one",
    *,
    processes: int = 1,
    beat: bool = False,
    queues: Iterable[str] = QUEUES,
) -> Iterator[subprocess.Popen]:
    """Run a worker of these queues until the block ends; `beat` makes it keep the schedule as well."""
    node = f"{name}-{os.getpid()}@test"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "--hostname",
        node,
        "--loglevel",
        "WARNING",
    ]
    command += ["--concurrency", str(processes), "--without-gossip", "--without-mingle"]
    command += ["--queues", ",".join(queues)]
    command += ["--beat", "--schedule", str(folder / f"{name}-schedule")] if beat else []
    environment = {
        **os.environ,
        "DATABASE_URL": site_database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "BUILD_REQUEUE_AFTER_SECONDS": "1",
        "BUILD_SWEEP_SECONDS": "1",
        "ERASURE_SWEEP_SECONDS": "1",
        "MEDIA_SWEEP_SECONDS": "1",
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "OUTBOX_SWEEP_SECONDS": "1",
        "BUILD_TASK_POSTS": str(settings.BUILD_TASK_POSTS),
    }
    log = (folder / f"{name}.log").open("wb")
    worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: app.control.ping([node], timeout=0.5), f"worker {name}")
        yield worker
    finally:
        end(worker)
        log.close()


def end(worker: subprocess.Popen) -> None:
    if worker.poll() is None:
        worker.send_signal(signal.SIGTERM)
        worker.wait(SECONDS)


def kill(worker: subprocess.Popen) -> None:
    """Kill a worker and its processes on the spot, as a machine that loses its power would."""
    family = psutil.Process(worker.pid)
    for process in [*family.children(recursive=True), family]:
        process.kill()
    worker.wait(SECONDS)
