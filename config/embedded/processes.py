"""The processes of a running site: started together, watched, and stopped together."""

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

from config.embedded import folders
from config.embedded.errors import ServiceUnavailableError
from config.embedded.server import await_end, is_alive

MARK = "COMMONPLACE_SUPERVISED"  # in the environment of every process of a run: whose it is
_STOP_SECONDS = 60  # a Celery task may take this long to end
LEFTOVER_SECONDS = 3
# Between the end of a program and its next start; who ran for STEADY_SECONDS begins with the least again.
_MIN_PAUSE, _MAX_PAUSE, STEADY_SECONDS = 0.5, 30.0, 60.0


@dataclass
class Backoff:
    """How long to wait before something that ended is started again: ever longer, until it has run for a while."""

    pause: float = _MIN_PAUSE
    started_at: float | None = None
    due_at: float | None = None

    def note_start(self) -> None:
        self.started_at, self.due_at = time.monotonic(), None

    def note_end(self) -> float:
        """Return in how many seconds the next start is due."""
        now = time.monotonic()
        if self.started_at is not None and now - self.started_at >= STEADY_SECONDS:
            self.pause = _MIN_PAUSE
        self.started_at = None
        pause = self.pause
        self.due_at, self.pause = now + pause, min(pause * 2, _MAX_PAUSE)
        return pause

    def is_due(self) -> bool:
        return self.due_at is not None and time.monotonic() >= self.due_at


@dataclass
class Child:
    """A program of the site, in a process group of its own."""

    name: str
    arguments: list[str]
    log: Path | None = None  # None: the terminal
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] = field(init=False)
    backoff: Backoff = field(default_factory=Backoff)

    def start(self) -> None:
        """Start the program, away from the terminal's Ctrl-C: the supervisor passes on what it must know."""
        with folders.open_log(self.log) if self.log else contextlib.nullcontext() as output:
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
        """Start the program again when it has ended and its pause is over; return what there is to say of it."""
        if (code := self.process.poll()) is None:
            return ""
        if self.backoff.due_at is None:
            pause = self.backoff.note_end()
            where = f"; see {self.log}" if self.log else ""
            return f"The {self.name} process ended (exit code {code}{where}). It starts again in {pause:g} s."
        if self.backoff.is_due():
            self.kill_group()  # what its own children still hold, such as the port
            self.start()
        return ""

    def signal(self, number: signal.Signals) -> None:
        """Signal the program alone: Celery's and gunicorn's own children are theirs to stop."""
        if self.process.poll() is None:
            self.process.send_signal(number)

    def kill_group(self) -> None:
        """Kill whatever is left of the program and its children."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        await_end(self._group_is_gone, LEFTOVER_SECONDS)

    def _group_is_gone(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        return False


def require_alive(children: Iterable[Child]) -> None:
    """Raise Unavailable when a program has ended by itself."""
    for child in children:
        if (code := child.process.poll()) is not None:
            where = f"; see {child.log}" if child.log else ""
            raise ServiceUnavailableError(
                f"The {child.name} process ended by itself (exit code {code}){where}."
            )


def stop_all(children: list[Child], hurry: Callable[[], bool]) -> None:
    """Ask every program to end, wait for the work in hand unless in a hurry, then make sure."""
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while any(child.process.poll() is None for child in children):
        if hurry() or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for child in children:
        child.kill_group()


def end_leftovers(mark: str) -> int:
    """End what a killed supervisor left running, with all its children; return how many there were."""
    left = [process for process in psutil.process_iter() if _is_marked(process, mark)]
    pids = {process.pid for process in left}
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.ppid() not in pids:  # the rest is for these to stop
                process.terminate()
    if not _await_ends(left):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        _await_ends(left)
    return len(left)


def _await_ends(processes: list[psutil.Process]) -> bool:
    return await_end(
        lambda: not any(is_alive(process.pid) for process in processes), LEFTOVER_SECONDS
    )


def _is_marked(process: psutil.Process, mark: str) -> bool:
    try:
        return bool(process.pid != os.getpid() and process.environ().get(MARK) == mark)
    except (psutil.Error, OSError):
        return False
