"""`make run`: the servers, the site's processes, and their common end."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Never

from config.embedded import folders, locks
from config.embedded.errors import ServiceUnavailableError
from config.embedded.processes import MARK, Backoff, Child, end_leftovers, require_alive, stop_all
from config.embedded.server import Hold, Server, revive
from config.embedded.stack import SPACE_NEEDED, hold_missing
from config.embedded.urls import DATABASE_OWNER, SITE_ROLE

_THREADS = 8
_WATCH_SECONDS = 0.25
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Say that the person, or the system, asked for the end."""


@dataclass
class Signals:
    """What was asked of this process: the first signal ends its work, a later one hurries the end."""

    count: int = 0
    ending: bool = False

    def listen(self) -> None:
        """Take over the signals that mean the end, save those that whoever started us had us ignore."""
        for number in STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT:
                signal.signal(number, self._receive)

    def _receive(self, *_: object) -> None:
        self.count += 1
        if not self.ending:
            self.ending = True
            raise Stopped


def run_supervisor() -> int:
    """Run the site until it is told to stop; return the exit code."""
    if os.environ.get("ENVIRONMENT", "development") != "development":
        raise ServiceUnavailableError(
            "ENVIRONMENT is production: `make run` is for development, README.md shows the rest."
        )
    base, port = folders.var(), _port()
    folders.make(base, base / "run", base / "log")
    folders.require_space(base, SPACE_NEEDED)
    lock = _claim(base)
    end_leftovers(str(base))
    _require_free(port)
    signals = Signals()
    try:
        signals.listen()
        with _servers() as holds:
            _serve(base, port, signals, [held.server for held in holds])
    except Stopped:
        _say("Stopped.")
    finally:
        os.close(lock)
    return 0


def stop() -> int:
    """Stop a running site and wait for its end; return the exit code."""
    path = folders.var() / "run" / "supervisor.lock"
    pid = _holder(path)
    if pid is None:
        print("No site runs in this checkout.")
        return 0
    os.kill(pid, signal.SIGTERM)
    while _holder(path) is not None:
        time.sleep(0.1)
    return 0


def _port() -> int:
    value = os.environ.get("PORT") or "8000"
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise ServiceUnavailableError(f"PORT is {value!r}: choose a number from 1 to 65535.")
    os.environ["PORT"] = value
    return int(value)


def _claim(base: Path) -> int:
    lock = locks.claim(base / "run" / "supervisor.lock")
    if lock is None:
        raise ServiceUnavailableError(
            "This checkout's site runs already: stop that one first (Ctrl-C there, or `make stop`)."
        )
    return lock


def _holder(path: Path) -> int | None:
    if not path.exists():
        return None
    lock = locks.claim(path)
    if lock is None:
        return int(path.read_text() or 0) or None
    os.close(lock)
    return None


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise ServiceUnavailableError(
                f"Port {port} is not allowed to this user: choose one, as in PORT=8001."
            ) from error
        except OSError as error:
            raise ServiceUnavailableError(
                f"Port {port} is taken: choose another one, as in PORT={port + 1}."
            ) from error


@contextmanager
def _servers() -> Iterator[list[Hold]]:
    began = time.monotonic()
    holds = hold_missing()
    names = " and ".join(held.server.name for held in holds)
    if names:
        _say(f"  {names} ready in {time.monotonic() - began:.1f} s")
    try:
        yield holds
    finally:
        for held in holds:
            held.release()


def _serve(base: Path, port: int, signals: Signals, servers: list[Server]) -> None:
    os.environ.setdefault("STATIC_ROOT", str(base / "static"))
    os.environ[MARK] = str(base)
    has_own_database = any(server.name == "postgres" for server in servers)
    if has_own_database:
        os.environ["COMMONPLACE_SITE_ROLE"] = SITE_ROLE
    logins = _prepare_site()
    if has_own_database:
        os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"].replace(
            f"//{DATABASE_OWNER}@", f"//{SITE_ROLE}@", 1
        )
    children: list[Child] = []
    try:
        for child in _children(base, port):
            child.start()
            children.append(child)
            if child.name == "web":  # the others start when they take nothing from it
                _await_answer(port, children)
        _say(_welcome(port, logins))
        _watch(children, servers)
    finally:
        signals.ending = True
        asked = signals.count
        _say("\nStopping; the work in hand is finished first (Ctrl-C again: at once).")
        stop_all(children, lambda: signals.count > asked)


def _watch(children: list[Child], servers: list[Server]) -> Never:
    """Start again what ends, servers first, until a signal ends this."""
    backoffs = {server.name: Backoff() for server in servers}
    while True:
        for server in servers:
            _revive(server, backoffs[server.name])
        for child in children:
            if said := child.restart_if_ended():
                _say(said)
        time.sleep(_WATCH_SECONDS)


def _revive(server: Server, backoff: Backoff) -> None:
    if not server.is_gone():
        return
    if backoff.due_at is None:
        _say(f"{server.name} has ended. It starts again in {backoff.note_end():g} s.")
    elif backoff.is_due():
        try:
            revive(server)
            backoff.note_start()
        except ServiceUnavailableError as error:
            _say(f"{error} The next try is in {backoff.note_end():g} s.")


def _prepare_site() -> str:
    command = [sys.executable, "-m", "config.embedded.site"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        logins, _ = process.communicate()
    except Stopped:
        process.terminate()
        process.wait()
        raise
    if process.returncode:
        raise ServiceUnavailableError(
            "The site could not be prepared; what went wrong stands above."
        )
    return logins.strip()


def _children(base: Path, port: int) -> list[Child]:
    workers = os.environ.get("WEB_CONCURRENCY") or "2"
    web = [
        "gunicorn",
        "config.wsgi",
        "--bind",
        f"127.0.0.1:{port}",
        "--preload",
        "--no-control-socket",
    ]
    web += [
        "--worker-class",
        "config.gunicorn_worker.HeaderBufferingWorker",
        "--worker-connections",
        "256",
    ]
    web += ["--workers", workers, "--threads", str(_THREADS)]
    web += ["--log-level", "warning", "--graceful-timeout", "10"]
    beat = ["celery", "--app", "config", "--quiet", "beat"]
    beat += ["--schedule", str(base / "run" / "beat"), "--pidfile", ""]
    return [
        Child("web", web, environment={"DATABASE_POOL_SIZE": str(_THREADS)}),
        Child("workers", ["config.embedded.workers", str(base / "log")]),
        Child("beat", beat, base / "log" / "beat.log"),
    ]


def _await_answer(port: int, children: list[Child]) -> None:
    while (status := _status(port)) is None:
        require_alive(children)
        time.sleep(0.05)
    if status != HTTPStatus.OK:
        raise ServiceUnavailableError(f"The site answers with an error ({status}).")


def _status(port: int) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _welcome(port: int, logins: str) -> str:
    return f"\nCommonplace runs at http://127.0.0.1:{port}\n\n{logins}\n\nCtrl-C stops it."


def _say(text: str) -> None:
    # A terminal that was closed must not keep us from stopping what runs.
    with suppress(OSError):
        print(text, flush=True)
