"""gunicorn's threaded worker, protected against slow headers (slowloris).

The original gives a thread to each connection that has sent a byte: forty slow ones block the site.
Here the event loop collects the headers, and closes connections that do not finish them in 10 s.
Slow bodies and slow readers still hold a thread, so that a buffering proxy belongs in front
(docs/deployment.md).
"""

import selectors
import time
from functools import partial
from socket import socket
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

HEADER_SECONDS = 10.0
# More than gunicorn's own limits: it answers with 431 itself.
MAX_HEADER_BYTES = 1 << 20
_CHUNK = 1 << 16


class BufferedConnection(TConn):
    """A connection that hands the collected bytes to its parser."""

    head: bytearray

    def init(self) -> None:
        super().init()
        if self.head and self.parser is not None:
            self.parser.unreader.unread(bytes(self.head))
            self.head.clear()


class HeaderBufferingWorker(ThreadWorker):
    """Wait for the complete header of each request without a thread."""

    header_seconds = HEADER_SECONDS

    def accept(self, listener: socket) -> None:
        if self.cfg.is_ssl:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        self._await_header(BufferedConnection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Any, client: socket) -> None:
        """Start the next request of a keep-alive connection."""
        if not isinstance(conn, BufferedConnection):
            super().on_client_socket_readable(conn, client)
            return
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_header(conn)

    def on_pending_socket_readable(self, conn: Any, client: socket) -> None:
        """Read on; enqueue the request once its header is complete."""
        if not isinstance(conn, BufferedConnection):
            super().on_pending_socket_readable(conn, client)
            return
        try:
            data = client.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        conn.head += data
        if data and b"\r\n\r\n" not in conn.head and len(conn.head) < MAX_HEADER_BYTES:
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        if not data:
            self.nr_conns -= 1
            conn.close()
            return
        conn.data_ready = True
        self.enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        if isinstance(conn, BufferedConnection) and conn.initialized:
            conn.init()
        return super().handle(conn)

    def _await_header(self, conn: BufferedConnection) -> None:
        conn.head = bytearray()
        conn.sock.setblocking(False)
        # All wait equally long: the first in the queue is the first to time out.
        conn.timeout = time.monotonic() + self.header_seconds
        self.pending_conns.append(conn)
        callback = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, callback)
