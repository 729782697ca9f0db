"""A service (database, Redis) and its lease: the last process that uses one stops it."""

import errno
import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from devservices import locks
from devservices.errors import ServiceUnavailableError

# Crash recovery of a database that was killed while busy takes minutes.
START_TIMEOUT_SECONDS = 600


class Service(Protocol):
    """A server program with its data under one folder."""

    name: str
    base: Path

    @property
    def url(self) -> str:
        """Return the URL for clients."""

    def is_running(self) -> bool:
        """Return whether the server answers, within milliseconds."""

    def is_gone(self) -> bool:
        """Return whether no process is left; one that is busy, starting or stopping is not gone."""

    def start(self) -> None:
        """Start the server and wait until it answers; raise ServiceUnavailableError otherwise."""

    def stop(self) -> None:
        """Stop the server cleanly and wait for its end."""


@dataclass
class ServiceLease:
    """The use of a service by this process and its forks."""

    service: Service
    descriptor: int
    owner: int

    def release(self) -> None:
        """Give the service up; stop it if no other process uses it."""
        if self.owner != os.getpid():
            return
        self.owner = 0
        with locks.hold_exclusive_lock(_get_lock_path(self.service)):
            is_last = locks.is_last_holder(self.descriptor)
            os.close(self.descriptor)
            if is_last:
                self.service.stop()


def acquire(service: Service) -> ServiceLease:
    """Lease a service, started if necessary."""
    with locks.hold_exclusive_lock(_get_lock_path(service)):
        if not service.is_running():
            _start(service)
        descriptor = locks.acquire_shared_lock(service.base / "run" / f"{service.name}.users")
    return ServiceLease(service, descriptor, os.getpid())


def restart_if_gone(service: Service) -> bool:
    """Restart a service that died; return whether that was necessary."""
    if not service.is_gone():
        return False
    with locks.hold_exclusive_lock(_get_lock_path(service)):
        if not service.is_gone():
            return False
        _start(service)
    return True


def _start(service: Service) -> None:
    try:
        service.start()
    except BaseException:  # an interrupted start must not leave a server behind
        service.stop()
        raise


def wait_until_ready(service: Service, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a started service answers; raise ServiceUnavailableError if it ends instead."""
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not service.is_running():
        if process.poll() is not None:
            raise ServiceUnavailableError(
                f"{service.name} could not start: {get_failure_reason(log)} (more in {log})."
            )
        if time.monotonic() > deadline:
            process.terminate()
            raise ServiceUnavailableError(
                f"{service.name} does not answer after {START_TIMEOUT_SECONDS} s; see {log}."
            )
        time.sleep(0.02)


def wait_until_gone(is_gone: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition, up to a number of seconds; return whether it came true."""
    deadline = time.monotonic() + seconds
    while not is_gone():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_socket_dead(path: Path) -> bool:
    """Return whether no server listens; the file of a killed one stays behind."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        return client.connect_ex(str(path)) in (errno.ECONNREFUSED, errno.ENOENT)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def get_failure_reason(log: Path) -> str:
    """Return the last fatal line of a log, or its last line."""
    lines = [
        line.strip() for line in log.read_text(errors="replace").splitlines()[-20:] if line.strip()
    ]
    fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    return (fatal or lines or ["its log is empty"])[-1].rstrip(".")


def _get_lock_path(service: Service) -> Path:
    return service.base / "run" / f"{service.name}.lock"
