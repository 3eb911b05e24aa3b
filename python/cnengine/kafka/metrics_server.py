"""The metrics of a broker over HTTP, for Prometheus to fetch."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cnengine.errors import ArgumentError, IoError

__all__ = ["MetricsServer", "parse_address"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
DEFAULT_HOST = "127.0.0.1"
_TIMEOUT_S = 10.0
_MOST_CONNECTIONS = 16


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of ``"host:port"``, ``"[::1]:port"`` or ``"port"``, which is on loopback.

    >>> parse_address("9308"), parse_address("[::1]:0")
    (('127.0.0.1', 9308), ('::1', 0))
    """
    if not isinstance(text, str):
        raise ArgumentError(f"metrics: expected an address as host:port, got {text!r}")
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if colon else DEFAULT_HOST
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ArgumentError(f"metrics: expected an address as host:port, got {text!r}")
    return host, int(port)


class MetricsServer:
    """Answers ``GET /metrics`` from threads of its own until `stop`.

    Clients that are slow are cut off after ten seconds; sixteen are served at once, others refused.

    Parameters
    ----------
    address
        As `parse_address` takes it; port 0 takes a free one.
    text
        Makes the page; called by one thread at a time.

    Raises
    ------
    IoError
        The address cannot be listened on.
    """

    def __init__(self, address: str, text: Callable[[], str]) -> None:
        host, port = parse_address(address)
        try:
            self._server = _Server(host, port, text)
        except OSError as error:
            hint = "; end what listens there or take another port"
            raise IoError(
                f"metrics: cannot listen on {address}: {error.strerror}"
                + hint * (error.errno == errno.EADDRINUSE)
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="metrics", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the page is."""
        host, port = self._server.server_address[:2]
        return f"http://[{host}]:{port}/metrics" if ":" in host else f"http://{host}:{port}/metrics"

    def stop(self) -> None:
        """Listen no more. Twice is fine."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, text: Callable[[], str]) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.text, self.lock = text, threading.Lock()
        self.slots = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)  # no look-up of the host's name
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]

    def process_request(self, request, client_address) -> None:
        if not self.slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request, client_address) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.slots.release()

    def handle_error(self, request, client_address) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _TIMEOUT_S
    server: _Server

    def do_GET(self) -> None:
        if self.path.split("?", 1)[0] != "/metrics":
            self._answer(HTTPStatus.NOT_FOUND, "see /metrics\n")
            return
        with self.server.lock:
            text = self.server.text()
        self._answer(HTTPStatus.OK, text)

    do_HEAD = do_GET

    def _answer(self, status: HTTPStatus, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        return "cnengine"

    def log_message(self, *_: object) -> None:
        """Nothing: scrapes come all the time."""
