"""Run several things at the same moment, each on a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

SECONDS = 30


def together(calls: list[Callable[[], object]]) -> list[object]:
    """Return what each call returned, or the exception that it raised."""
    start = threading.Barrier(len(calls), timeout=SECONDS)

    def run(call: Callable[[], object]) -> object:
        try:
            start.wait()
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls, timeout=SECONDS))
