"""The web server as `make run` starts it, and a client that keeps it busy."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from devservices.processes import ChildProcess, require_alive
from devservices.supervisor import build_children

SECONDS_TO_START = 60
# One client stands for many.
UNLIMITED = dict.fromkeys(
    (
        "ANONYMOUS_PAGES_PER_MINUTE",
        "ANONYMOUS_API_READS_PER_MINUTE",
        "ACCOUNT_API_READS_PER_MINUTE",
    ),
    "1000000000",
)


class Asked(NamedTuple):
    """A page and the cookies of whoever asks for it."""

    address: str
    cookies: str


@contextmanager
def web_server(base: Path, **environment: str) -> Iterator[tuple[int, ChildProcess]]:
    """Run gunicorn with the options of `make run` on a free port of the loopback."""
    port = free_port()
    web = build_children(base, port)[0]
    web.environment |= {**UNLIMITED, **environment}
    web.start()
    try:
        await_answer(port, web)
        yield port, web
    finally:
        web.process.terminate()
        web.process.wait(30)
        web.kill_group()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_answer(port: int, web: ChildProcess) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        require_alive([web])
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=10).request("GET", "/healthz")
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"gunicorn does not answer on port {port}")


def requests_per_second(
    port: int, asked: Sequence[Asked], seconds: float, connections: int
) -> float:
    """Ask for pages over kept-alive connections, each as soon as it has the answer before."""
    counts = [0] * connections
    deadline = time.monotonic() + seconds
    clients = [
        threading.Thread(target=ask_again, args=(port, asked, number, deadline, counts))
        for number in range(connections)
    ]
    began = time.monotonic()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    if not all(counts):
        raise RuntimeError("a client got no answer; see above")
    return sum(counts) / (time.monotonic() - began)


def ask_again(
    port: int, asked: Sequence[Asked], number: int, deadline: float, counts: list[int]
) -> None:
    connection = connect(port)
    # Each client begins with another viewer, so that no two ask for the same page at once.
    place = number * len(asked) // len(counts)
    while time.monotonic() < deadline:
        page(connection, asked[place % len(asked)])
        counts[number] += 1
        place += 1
    connection.close()


def latencies(port: int, asked: Sequence[Asked], clients: int, requests: int) -> list[float]:
    """Return how many seconds each of so many requests took, by clients that all ask at once."""
    seconds: list[float] = []

    def ask(number: int) -> None:
        connection = connect(port)
        for place in range(number, requests, clients):
            began = time.perf_counter()
            page(connection, asked[place % len(asked)])
            seconds.append(time.perf_counter() - began)
        connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(seconds) != requests:
        raise RuntimeError("a client got no answer; see above")
    return seconds


def connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)


def page(connection: http.client.HTTPConnection, asked: Asked) -> bytes:
    """Return a page as whoever has the cookies gets it."""
    connection.request("GET", asked.address, headers={"Cookie": asked.cookies})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{asked.address} answered {response.status}")
    return body
