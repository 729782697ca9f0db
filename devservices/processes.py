"""Child processes of the supervisor: started, restarted with backoff, and stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from devservices import paths
from devservices.errors import ServiceUnavailableError
from devservices.service import is_alive, wait_until_gone

# In the environment of every process of a run: the data folder of its supervisor.
SUPERVISOR_VARIABLE = "COMMONPLACE_SUPERVISED"
_STOP_SECONDS = 60  # for Celery tasks in hand
KILL_TIMEOUT_SECONDS = 3
# Seconds between the end of a program and its restart; a stable run resets them.
_MIN_PAUSE, _MAX_PAUSE, STABLE_SECONDS = 0.5, 30.0, 60.0


@dataclass
class Backoff:
    """Exponential backoff between restarts, reset after a stable run."""

    pause: float = _MIN_PAUSE
    started_at: float | None = None
    due_at: float | None = None

    def note_start(self) -> None:
        self.started_at, self.due_at = time.monotonic(), None

    def note_end(self) -> float:
        """Return the seconds until the next start."""
        now = time.monotonic()
        if self.started_at is not None and now - self.started_at >= STABLE_SECONDS:
            self.pause = _MIN_PAUSE
        self.started_at = None
        pause = self.pause
        self.due_at, self.pause = now + pause, min(pause * 2, _MAX_PAUSE)
        return pause

    def is_due(self) -> bool:
        return self.due_at is not None and time.monotonic() >= self.due_at


@dataclass
class ChildProcess:
    """A Python program of the site, in a process group of its own."""

    name: str
    arguments: list[str]
    log: Path | None = None  # None: the terminal
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] = field(init=False)
    backoff: Backoff = field(default_factory=Backoff)

    def start(self) -> None:
        """Start the program in a session of its own, out of reach of the terminal's Ctrl-C."""
        with paths.open_log(self.log) if self.log else contextlib.nullcontext() as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        self.backoff.note_start()

    def restart_if_ended(self) -> str:
        """Restart a program that ended once its pause is over; return a message for the log."""
        if (code := self.process.poll()) is None:
            return ""
        if self.backoff.due_at is None:
            pause = self.backoff.note_end()
            where = f"; see {self.log}" if self.log else ""
            return (
                f"The {self.name} process ended (exit code {code}{where})."
                f" It restarts in {pause:g} s."
            )
        if self.backoff.is_due():
            self.kill_group()  # its children may still hold the port
            self.start()
        return ""

    def signal(self, number: signal.Signals) -> None:
        """Signal the program alone; Celery and gunicorn stop their own children."""
        if self.process.poll() is None:
            self.process.send_signal(number)

    def kill_group(self) -> None:
        """Kill what is left of the program and its children."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        wait_until_gone(self._group_is_gone, KILL_TIMEOUT_SECONDS)

    def _group_is_gone(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        return False


def require_alive(children: Iterable[ChildProcess]) -> None:
    """Raise ServiceUnavailableError if a program has ended."""
    for child in children:
        if (code := child.process.poll()) is not None:
            where = f"; see {child.log}" if child.log else ""
            raise ServiceUnavailableError(
                f"The {child.name} process ended by itself (exit code {code}){where}."
            )


def stop_children(children: list[ChildProcess], hurry: Callable[[], bool]) -> None:
    """Terminate all programs, wait for the tasks in hand unless `hurry()`, then kill."""
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while any(child.process.poll() is None for child in children):
        if hurry() or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for child in children:
        child.kill_group()


def kill_orphans(supervisor: str) -> int:
    """End what a killed supervisor left running; return the number of processes."""
    left = [process for process in psutil.process_iter() if _belongs_to(process, supervisor)]
    pids = {process.pid for process in left}
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.ppid() not in pids:  # these stop their own children
                process.terminate()
    if not _wait_until_ended(left):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        _wait_until_ended(left)
    return len(left)


def _wait_until_ended(processes: list[psutil.Process]) -> bool:
    return wait_until_gone(
        lambda: not any(is_alive(process.pid) for process in processes), KILL_TIMEOUT_SECONDS
    )


def _belongs_to(process: psutil.Process, supervisor: str) -> bool:
    try:
        return bool(
            process.pid != os.getpid() and process.environ().get(SUPERVISOR_VARIABLE) == supervisor
        )
    except (psutil.Error, OSError):
        return False
