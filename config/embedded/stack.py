"""The two servers of this checkout, as environment variables."""

import atexit
import os
from pathlib import Path

from config.embedded import folders
from config.embedded.postgres import Postgres
from config.embedded.server import Hold, Server, hold
from config.embedded.valkey import Valkey

SPACE_NEEDED = 200  # megabytes
DATABASE = "commonplace"


def servers(base: Path) -> dict[str, Server]:
    """Return the servers whose data lies under a folder, by the variable that names their address."""
    return {"DATABASE_URL": Postgres(base, database=DATABASE), "REDIS_URL": Valkey(base)}


def hold_missing() -> list[Hold]:
    """Use the servers that the environment does not name, until this process ends, and name them there.

    Raises Unavailable when one cannot run here.
    """
    base = folders.var()
    missing = {name: server for name, server in servers(base).items() if not os.environ.get(name)}
    folders.make(base, base / "run", base / "log")
    if not all(server.is_running() for server in missing.values()):
        folders.require_space(base, SPACE_NEEDED)
    holds = []
    for name, server in missing.items():
        held = hold(server)
        atexit.register(held.release)
        holds.append(held)
        os.environ[name] = server.url
    return holds
