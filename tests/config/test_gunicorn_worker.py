"""Slow connections hold no thread, and are closed if they do not finish their headers."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devservices.test_devservices import free_port, until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
THREADS = 2
APP = """
import config.gunicorn_worker as module
module.HeaderBufferingWorker.header_seconds = 3.0

def application(environ, start_response):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or environ["PATH_INFO"].encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
"""


@pytest.fixture
def port(tmp_path) -> Iterator[int]:
    (tmp_path / "slow_app.py").write_text(APP)
    number = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "slow_app",
        "--bind",
        f"127.0.0.1:{number}",
        "--no-control-socket",
    ]
    command += [
        "--worker-class",
        "config.gunicorn_worker.HeaderBufferingWorker",
        "--threads",
        str(THREADS),
    ]
    command += ["--pythonpath", f"{tmp_path},{ROOT}", "--keep-alive", "30"]
    process = subprocess.Popen(command, cwd=tmp_path)
    until(lambda: can_connect(number))
    yield number
    process.terminate()
    process.wait(30)


def can_connect(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def read_answer(client: socket.socket, end: bytes) -> bytes:
    answer = b""
    while not answer.endswith(end):
        chunk = client.recv(4096)
        assert chunk, answer
        answer += chunk
    return answer


def test_slow_headers_do_not_block_other_requests(port):
    slow = [connect(port) for _ in range(10 * THREADS)]
    for client in slow:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\nX-")
    with connect(port) as client:
        client.sendall(b"GET /here HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read_answer(client, b"/here").startswith(b"HTTP/1.1 200")
    # The slow ones are closed without an answer.
    for client in slow:
        assert client.recv(100) == b""
        client.close()


def test_request_in_pieces_and_pipelined_requests_are_answered(port):
    with connect(port) as client:
        for piece in (b"GET /on", b"e HTTP/1.1\r\nHost: a\r\n", b"\r\n"):
            client.sendall(piece)
        assert read_answer(client, b"/one")
        for piece in (b"POST /two HTTP/1.1\r\nHost: a\r\nContent-Le", b"ngth: 5\r\n\r\nwo", b"rds"):
            client.sendall(piece)
        assert read_answer(client, b"words")
        client.sendall(
            b"GET /three HTTP/1.1\r\nHost: a\r\n\r\nGET /four HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        assert read_answer(client, b"/four").count(b"200 OK") == 2


def test_slow_second_header_on_a_keep_alive_connection_closes_it(port):
    with connect(port) as client:
        client.sendall(b"GET /one HTTP/1.1\r\nHost: a\r\n\r\n")
        read_answer(client, b"/one")
        began = time.monotonic()
        client.sendall(b"GET /tw")
        assert client.recv(100) == b""
        assert time.monotonic() - began > 2


def test_header_that_is_too_long_returns_431(port):
    with connect(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 431")
