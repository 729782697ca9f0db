"""Celery's workers of `make run`, forked from one process: the code is loaded once, and they share its memory.

A worker that dies is forked anew; the others go on. Asked to end, this process asks each worker, and waits.
"""

import gc
import os
import signal
import sys
import time
from pathlib import Path

from config.embedded import folders
from config.embedded.processes import Backoff
from config.queues import WORKERS, Worker

_WATCH_SECONDS = 0.25
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Fork:
    """A worker in a process of its own, which writes to a log of its own."""

    def __init__(self, worker: Worker, log: Path) -> None:
        self.worker, self.log = worker, log
        self.backoff = Backoff()
        self.pid = 0

    def start(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        # What is sent to a fork waits until it has let go of this process's handlers, which would swallow it.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self.pid = os.fork()
        if self.pid == 0:
            self._become()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        self.backoff.note_start()

    def has_ended(self) -> bool:
        """Tell whether there is no such process, and take note of its end."""
        if self.pid:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                code = os.waitstatus_to_exitcode(status)
                print(
                    f"The worker {self.worker.name} ended (exit code {code}; see {self.log}).",
                    flush=True,
                )
        return not self.pid

    def start_if_ended(self) -> None:
        if not self.has_ended():
            return
        if self.backoff.due_at is None:
            self.backoff.note_end()
        elif self.backoff.is_due():
            self.start()

    def end(self) -> None:
        if not self.has_ended():
            os.kill(self.pid, signal.SIGTERM)

    def _become(self) -> None:
        """Be the worker from here on; never return."""
        from config.celery import app

        code = 1
        try:
            for number in SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            with folders.open_log(self.log) as log:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            app.worker_main(self.worker.arguments())
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def main() -> None:
    """Fork each worker, and look after them until a signal asks for the end; the argument is the folder of logs."""
    asked: list[int] = []
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    _load()
    logs = Path(sys.argv[1])
    forks = [Fork(worker, logs / f"worker-{worker.name}.log") for worker in WORKERS]
    for fork in forks:
        if not asked:
            fork.start()
    while not asked:
        for fork in forks:
            fork.start_if_ended()
        time.sleep(_WATCH_SECONDS)
    for fork in forks:
        fork.end()
    while not all(fork.has_ended() for fork in forks):
        time.sleep(_WATCH_SECONDS)


def _load() -> None:
    """Import what every worker needs, and keep the garbage collector from touching it, which would copy it."""
    import kombu.transport.redis  # noqa: F401

    from config.celery import app

    app.loader.import_default_modules()
    app.finalize()
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
