"""The Celery workers of `make run`, forked from one process that has loaded the code (prefork).

They share its memory, 740 MB for the whole site. A worker that dies is forked again.
"""

import gc
import os
import signal
import sys
import time
from pathlib import Path

from config.queues import WORKERS, Worker
from devservices import paths
from devservices.processes import Backoff

_WATCH_SECONDS = 0.25
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class ForkedWorker:
    """A worker with a process and a log of its own."""

    def __init__(self, worker: Worker, log: Path) -> None:
        self.worker, self.log = worker, log
        self.backoff = Backoff()
        self.pid = 0

    def start(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        # Signals wait until the fork has dropped the handlers of this process.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self.pid = os.fork()
        if self.pid == 0:
            self._run_worker()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        self.backoff.note_start()

    def has_ended(self) -> bool:
        """Return whether the worker has ended, and reap it."""
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

    def terminate(self) -> None:
        if not self.has_ended():
            os.kill(self.pid, signal.SIGTERM)

    def _run_worker(self) -> None:
        """Run the worker in the forked process; never return."""
        from config.celery import app

        code = 1
        try:
            for number in SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            with paths.open_log(self.log) as log:
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
    """Fork all workers and restart them until SIGTERM; the argument is the folder of logs."""
    stop_signals: list[int] = []
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _: stop_signals.append(number))
    _load_code()
    logs = Path(sys.argv[1])
    forks = [ForkedWorker(worker, logs / f"worker-{worker.name}.log") for worker in WORKERS]
    for fork in forks:
        if not stop_signals:
            fork.start()
    while not stop_signals:
        for fork in forks:
            fork.start_if_ended()
        time.sleep(_WATCH_SECONDS)
    for fork in forks:
        fork.terminate()
    while not all(fork.has_ended() for fork in forks):
        time.sleep(_WATCH_SECONDS)


def _load_code() -> None:
    """Import what every worker needs, and freeze it: a collection would copy shared pages."""
    import kombu.transport.redis  # noqa: F401

    from config.celery import app

    app.loader.import_default_modules()
    app.finalize()
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    main()
