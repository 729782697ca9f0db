"""Claim build tasks with session locks, which a killed worker cannot keep."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from common.advisory_locks import (
    AdvisoryLock,
    advisory_lock,
    release_session_lock,
    try_session_lock,
)
from dataset_export.models import BuildTask, Snapshot

MAX_TASK_ATTEMPTS = 3
WORKER_DIED_MESSAGE = (
    "Worker {worker} died without reporting an error (killed, out of memory or timed out)."
)
# A task takes seconds.
WORKERS_TIMEOUT = "60s"
log = structlog.get_logger()


class TaskNotAvailableError(Exception):
    """Another worker has the task, it is done, or its build isn't running."""


@contextmanager
def claim_task(task_id: int) -> Iterator[None]:
    """Hold an open task of a running build, recording worker and start.

    PostgreSQL releases the session lock when the worker's connection breaks. A task that was
    started, isn't done and isn't locked was left by a worker that died.

    Raises:
        TaskNotAvailableError: there is nothing to claim.
    """
    with session_lock(AdvisoryLock.BUILD_TASK, task_id):
        start_attempt(task_id)
        try:
            yield
        finally:
            BuildTask.objects.filter(pk=task_id, done_at__isnull=True).update(begun_at=None)


@contextmanager
def session_lock(lock: AdvisoryLock, *key: int) -> Iterator[None]:
    if not try_session_lock(lock, *key):
        raise TaskNotAvailableError
    try:
        yield
    finally:
        unlock(lock, *key)


def lock_staging_shared(snapshot_id: int) -> None:
    """Wait until no erasure works on a build, and block erasures until the transaction ends."""
    advisory_lock(AdvisoryLock.BUILD_STAGING, snapshot_id, shared=True)


def lock_staging_exclusive(snapshot_id: int) -> None:
    """Wait until no worker works on a build, and block workers until the transaction ends.

    Raises:
        OperationalError: a worker takes longer than the timeout.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WORKERS_TIMEOUT}'")
        advisory_lock(AdvisoryLock.BUILD_STAGING, snapshot_id)
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def unlock(lock: AdvisoryLock, *key: int) -> None:
    try:
        release_session_lock(lock, *key)
    except (OperationalError, InterfaceError):
        # The lock is gone with the connection.
        connection.close()


def start_attempt(task_id: int) -> None:
    with transaction.atomic():
        task = (
            BuildTask.objects.filter(
                pk=task_id, done_at__isnull=True, snapshot__state=Snapshot.State.BUILDING
            )
            .select_for_update(of=("self",))
            .order_by("pk")
            .first()
        )
        if task is None:
            raise TaskNotAvailableError
        given_up = task.begun_at is not None and record_attempt_failure(
            task, WORKER_DIED_MESSAGE.format(worker=task.worker)
        )
        task.begun_at, task.worker = (None, "") if given_up else (timezone.now(), worker_name())
        task.save(update_fields=["begun_at", "worker"])
    if given_up:
        raise TaskNotAvailableError


def worker_name() -> str:
    return f"{socket.gethostname()}, process {os.getpid()}"[:120]


def record_attempt_failure(task: BuildTask, reason: str) -> bool:
    """Count a failed attempt; the third fails the build. Return whether it did."""
    log.error("build task failed", task=task.pk, error=reason)
    task.attempts, task.error = task.attempts + 1, reason[:1000]
    # A database or disk that is away for seconds must not use up all attempts: the periodic
    # task enqueues it again.
    task.queued_at = timezone.now()
    task.failed_at = timezone.now()
    task.save(update_fields=["attempts", "error", "queued_at", "failed_at"])
    if task.attempts < MAX_TASK_ATTEMPTS:
        return False
    Snapshot.objects.building().filter(pk=task.snapshot_id).update(
        state=Snapshot.State.FAILED,
        error=f"{task.get_stage_display()}, range {task.number}: {task.error}",
    )
    return True
