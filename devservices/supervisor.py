"""The supervisor behind `make run`: services, web server, workers and beat."""

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

from devservices import locks, paths
from devservices.environment import MIN_FREE_MEGABYTES, attach_dev_services, require_development
from devservices.errors import ServiceUnavailableError
from devservices.processes import (
    SUPERVISOR_VARIABLE,
    Backoff,
    ChildProcess,
    kill_orphans,
    require_alive,
    stop_children,
)
from devservices.service import Service, ServiceLease, restart_if_gone
from devservices.urls import DATABASE_OWNER, SITE_ROLE

_WATCH_SECONDS = 0.25
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequest(BaseException):
    """Raised by a signal handler to end the run."""


@dataclass
class StopSignals:
    """Signal handling: the first signal ends the run, a later one kills the tasks in hand."""

    count: int = 0
    ending: bool = False

    def install(self) -> None:
        """Install the handlers, except for signals that the parent had us ignore (nohup)."""
        for number in STOP_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT:
                signal.signal(number, self._receive)

    def _receive(self, *_: object) -> None:
        self.count += 1
        if not self.ending:
            self.ending = True
            raise StopRequest


def run_supervisor() -> int:
    """Run the site until a signal; return the exit code."""
    require_development()
    base, port = paths.get_data_dir(), _port()
    paths.ensure_dirs(base, base / "run", base / "log")
    paths.require_free_space(base, MIN_FREE_MEGABYTES)
    lock = _acquire_supervisor_lock(base)
    kill_orphans(str(base))
    _require_free_port(port)
    signals = StopSignals()
    try:
        signals.install()
        with _lease_services() as leases:
            _run_site(base, port, signals, [lease.service for lease in leases])
    except StopRequest:
        _log("Stopped.")
    finally:
        os.close(lock)
    return 0


def stop_supervisor() -> int:
    """Stop a running site and wait for its end."""
    path = paths.get_data_dir() / "run" / "supervisor.lock"
    pid = _get_supervisor_pid(path)
    if pid is None:
        print("No site runs in this checkout.")
        return 0
    os.kill(pid, signal.SIGTERM)
    while _get_supervisor_pid(path) is not None:
        time.sleep(0.1)
    return 0


def _port() -> int:
    value = os.environ.get("PORT") or "8000"
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise ServiceUnavailableError(f"PORT is {value!r}: choose a number from 1 to 65535.")
    os.environ["PORT"] = value
    return int(value)


def _acquire_supervisor_lock(base: Path) -> int:
    lock = locks.try_acquire_process_lock(base / "run" / "supervisor.lock")
    if lock is None:
        raise ServiceUnavailableError(
            "The site of this checkout is already running:"
            " stop it first (Ctrl-C there, or `make stop`)."
        )
    return lock


def _get_supervisor_pid(path: Path) -> int | None:
    if not path.exists():
        return None
    lock = locks.try_acquire_process_lock(path)
    if lock is None:
        return int(path.read_text() or 0) or None
    os.close(lock)
    return None


def _require_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise ServiceUnavailableError(
                f"This user may not use port {port}: choose another one, as in PORT=8001."
            ) from error
        except OSError as error:
            raise ServiceUnavailableError(
                f"Port {port} is taken: choose another one, as in PORT={port + 1}."
            ) from error


@contextmanager
def _lease_services() -> Iterator[list[ServiceLease]]:
    began = time.monotonic()
    leases = attach_dev_services()
    names = " and ".join(lease.service.name for lease in leases)
    if names:
        _log(f"  {names} ready in {time.monotonic() - began:.1f} s")
    try:
        yield leases
    finally:
        for lease in leases:
            lease.release()


def _run_site(base: Path, port: int, signals: StopSignals, services: list[Service]) -> None:
    os.environ.setdefault("STATIC_ROOT", str(base / "static"))
    os.environ[SUPERVISOR_VARIABLE] = str(base)
    has_own_database = any(service.name == "postgres" for service in services)
    if has_own_database:
        os.environ["COMMONPLACE_SITE_ROLE"] = SITE_ROLE
    logins = _setup_site()
    if has_own_database:
        os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"].replace(
            f"//{DATABASE_OWNER}@", f"//{SITE_ROLE}@", 1
        )
    children: list[ChildProcess] = []
    try:
        for child in build_children(base, port):
            child.start()
            children.append(child)
            if child.name == "web":  # the others would slow its start down
                _wait_until_answering(port, children)
        _log(_build_welcome(port, logins))
        _watch(children, services)
    finally:
        signals.ending = True
        count = signals.count
        _log("\nStopping after the tasks in hand (press Ctrl-C again to stop at once).")
        stop_children(children, lambda: signals.count > count)


def _watch(children: list[ChildProcess], services: list[Service]) -> Never:
    """Restart what ends, services first, until a signal."""
    backoffs = {service.name: Backoff() for service in services}
    while True:
        for service in services:
            _restart_service_if_gone(service, backoffs[service.name])
        for child in children:
            if message := child.restart_if_ended():
                _log(message)
        time.sleep(_WATCH_SECONDS)


def _restart_service_if_gone(service: Service, backoff: Backoff) -> None:
    if not service.is_gone():
        return
    if backoff.due_at is None:
        _log(f"{service.name} has ended. It restarts in {backoff.note_end():g} s.")
    elif backoff.is_due():
        try:
            restart_if_gone(service)
            backoff.note_start()
        except ServiceUnavailableError as error:
            _log(f"{error} The next try is in {backoff.note_end():g} s.")


def _setup_site() -> str:
    command = [sys.executable, "-m", "devservices.setup_site"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        logins, _ = process.communicate()
    except StopRequest:
        process.terminate()
        process.wait()
        raise
    if process.returncode:
        raise ServiceUnavailableError("The site could not be set up; the reason is shown above.")
    return logins.strip()


def build_children(base: Path, port: int) -> list[ChildProcess]:
    """Return web server, workers and beat, not yet started."""
    web = ["gunicorn", "config.wsgi", "--config", "python:config.gunicorn_config"]
    web += ["--bind", f"127.0.0.1:{port}", "--preload"]
    web += ["--log-level", "warning", "--graceful-timeout", "10"]
    beat = ["celery", "--app", "config", "--quiet", "beat"]
    beat += ["--schedule", str(base / "run" / "beat"), "--pidfile", ""]
    return [
        ChildProcess("web", web, environment={"DATABASE_POOL_SIZE": "8"}),
        ChildProcess("workers", ["devservices.workers", str(base / "log")]),
        ChildProcess("beat", beat, base / "log" / "beat.log"),
    ]


def _wait_until_answering(port: int, children: list[ChildProcess]) -> None:
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


def _build_welcome(port: int, logins: str) -> str:
    return f"\nCommonplace is running at http://127.0.0.1:{port}\n\n{logins}\n\nCtrl-C stops it."


def _log(text: str) -> None:
    # A closed terminal must not prevent the shutdown.
    with suppress(OSError):
        print(text, flush=True)
