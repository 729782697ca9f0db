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
from config.embedded.errors import Unavailable
from config.embedded.server import await_end, is_alive

MARK = "COMMONPLACE_SUPERVISED"  # in the environment of every process of a run: whose it is
STOP_SECONDS = 60  # a Celery task may take this long to end
LEFTOVER_SECONDS = 3


@dataclass
class Child:
    """A program of the site, in a process group of its own."""

    name: str
    arguments: list[str]
    log: Path | None = None  # None: the terminal
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] = field(init=False)

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

    def signal(self, number: signal.Signals) -> None:
        """Signal the program alone: Celery's and gunicorn's own children are theirs to stop."""
        if self.process.poll() is None:
            self.process.send_signal(number)

    def kill_group(self) -> None:
        """Kill whatever is left of the program and its children."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def require_alive(children: Iterable[Child]) -> None:
    """Raise Unavailable when a program has ended by itself."""
    for child in children:
        if (code := child.process.poll()) is not None:
            where = f"; see {child.log}" if child.log else ""
            raise Unavailable(f"The {child.name} process ended by itself (exit code {code}){where}.")


def stop_all(children: list[Child], hurry: Callable[[], bool]) -> None:
    """Ask every program to end, wait for the work in hand unless in a hurry, then make sure."""
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
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
    return await_end(lambda: not any(is_alive(process.pid) for process in processes), LEFTOVER_SECONDS)


def _is_marked(process: psutil.Process, mark: str) -> bool:
    try:
        return bool(process.pid != os.getpid() and process.environ().get(MARK) == mark)
    except (psutil.Error, OSError):
        return False
