"""What an embedded server is, and how processes share one without a keeper."""

import errno
import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.embedded import locks
from config.embedded.errors import ServiceUnavailableError

RECOVERY_SECONDS = 600  # a database that was killed while busy may read its log for minutes


class Server(Protocol):
    """A server program with its data under one folder."""

    name: str
    base: Path

    @property
    def url(self) -> str:
        """Return the address for clients."""

    def is_running(self) -> bool:
        """Tell, in some milliseconds, whether the server answers."""

    def is_gone(self) -> bool:
        """Tell whether no such server is there; one that is busy, or starts or stops, is."""

    def start(self) -> None:
        """Start the server and wait until it answers; raise Unavailable when it does not."""

    def stop(self) -> None:
        """Stop the server cleanly and wait until it is gone."""


@dataclass
class Hold:
    """The use of a server by this process and those that it forks."""

    server: Server
    descriptor: int
    owner: int

    def release(self) -> None:
        """Give up the server, and stop it when nobody else uses it."""
        if self.owner != os.getpid():
            return
        self.owner = 0
        with locks.exclusive(_lock(self.server)):
            last = locks.is_last(self.descriptor)
            os.close(self.descriptor)
            if last:
                self.server.stop()


def hold(server: Server) -> Hold:
    """Use a server, started first if need be."""
    with locks.exclusive(_lock(server)):
        if not server.is_running():
            _start(server)
        descriptor = locks.share(server.base / "run" / f"{server.name}.users")
    return Hold(server, descriptor, os.getpid())


def revive(server: Server) -> bool:
    """Start a server again that died; return whether that was needed. Raises Unavailable when it cannot start."""
    if not server.is_gone():
        return False
    with locks.exclusive(_lock(server)):
        if not server.is_gone():
            return False
        _start(server)
    return True


def _start(server: Server) -> None:
    try:
        server.start()
    except BaseException:  # an interrupted start must not leave a server that nobody stops
        server.stop()
        raise


def await_start(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a started server answers; raise Unavailable with the reason when it ends instead."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    while not server.is_running():
        if process.poll() is not None:
            raise ServiceUnavailableError(
                f"{server.name} could not start: {reason(log)} (more in {log})."
            )
        if time.monotonic() > deadline:
            process.terminate()
            raise ServiceUnavailableError(
                f"{server.name} does not answer after {RECOVERY_SECONDS} s; see {log}."
            )
        time.sleep(0.02)


def await_end(is_gone: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is gone; return whether it is."""
    deadline = time.monotonic() + seconds
    while not is_gone():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def nobody_listens(path: Path) -> bool:
    """Tell whether a Unix socket has no server; one whose server was killed stays in its folder."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        return client.connect_ex(str(path)) in (errno.ECONNREFUSED, errno.ENOENT)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits for its parent to take note of its end does not."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def reason(log: Path) -> str:
    """Return what a log says last, or the last thing that it calls fatal."""
    lines = [
        line.strip() for line in log.read_text(errors="replace").splitlines()[-20:] if line.strip()
    ]
    fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    return (fatal or lines or ["it said nothing"])[-1].rstrip(".")


def _lock(server: Server) -> Path:
    return server.base / "run" / f"{server.name}.lock"
