"""A pytest plugin: servers for the tests where the environment names none.

Loaded with `-p tests.servers`, before pytest-django reads the settings. Each run at the same time takes
servers of its own, so that nobody waits for, or wipes, the data of another run or of `make run`.
"""

import base64
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from devservices import locks, paths
from devservices.postgres import EPHEMERAL_OPTIONS, Postgres
from devservices.service import Service, acquire
from devservices.urls import replace_redis_database
from devservices.valkey import Valkey

TEST_ENVIRONMENT = {
    "ENVIRONMENT": "development",
    "LOG_LEVEL": "WARNING",
    "SECRET_KEY": "only-for-tests-" + "x7Q" * 20,
    "SIGNING_KEY": base64.b64encode(bytes(range(32))).decode(),
}
running = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    for name, value in TEST_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        # A database of its own, as pytest-django gives each worker in PostgreSQL.
        number = int(worker.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = replace_redis_database(os.environ["REDIS_URL"], number)
    else:
        start_missing()
    return (yield)


def pytest_unconfigure() -> None:
    running.close()


def start_missing() -> None:
    """Start the servers that the environment does not name, until the end of the run."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    base = first_free(paths.get_data_dir() / "test")
    services: dict[str, Service] = {
        "DATABASE_URL": Postgres(base, database="commonplace", options=EPHEMERAL_OPTIONS),
        "REDIS_URL": Valkey(base),
    }
    for name, service in services.items():
        if not os.environ.get(name):
            running.callback(acquire(service).release)
            os.environ[name] = service.url


def first_free(folder: Path) -> Path:
    """Return the first numbered folder that no other run of the tests uses."""
    number = 1
    while True:
        base = folder / str(number)
        paths.ensure_dirs(base / "run", base / "log")
        lock = locks.try_acquire_process_lock(base / "run" / "tests.lock")
        if lock is not None:
            running.callback(os.close, lock)
            return base
        number += 1
