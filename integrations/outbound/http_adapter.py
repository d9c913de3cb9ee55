"""The transport of the HTTP client: connects to checked addresses only, within its limits."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from opentelemetry import trace
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

if TYPE_CHECKING:
    from integrations.outbound.client import OutboundClient

tracer = trace.get_tracer(__name__)  # does nothing unless the operator configures tracing

CHUNK_BYTES: Final = 65_536
# Called before each call, in its thread: gives back what others need while the answer is awaited.
before_calls: Final[list[Callable[[], None]]] = []


def _drop_unreadable_location(response: requests.Response) -> None:
    """Remove a Location that is no URL: `requests` resolves it even if it does not follow it."""
    try:
        urlsplit(urljoin(response.url, response.headers.get("Location", "")))
    except ValueError:
        del response.headers["Location"]


class CheckedHTTPAdapter(HTTPAdapter):
    """The transport of a session: checks the address and enforces the limits of its client."""

    def __init__(self, outbound: OutboundClient, *, keep_alive: bool = False) -> None:
        self.outbound = outbound
        self.keep_alive = keep_alive
        self.timed_out = False
        self.open_sockets: list[socket.socket] = []
        super().__init__(max_retries=0)

    def init_poolmanager(self, *_: Any, **__: Any) -> None:
        """Use connection pools whose connections go to checked addresses."""
        self.poolmanager = PoolManager()
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pinned_pool(HTTPConnectionPool, HTTPConnection, self),
            "https": _pinned_pool(HTTPSConnectionPool, HTTPSConnection, self),
        }

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send within a trace span that names method and host; URLs may carry secrets."""
        host = urlsplit(request.url or "").hostname
        with tracer.start_as_current_span(
            f"{request.method} {host}",
            kind=trace.SpanKind.CLIENT,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                response = self._send_within_limits(request, **options)
            except BaseException:
                span.set_status(trace.StatusCode.ERROR)
                raise
            span.set_attribute("http.response.status_code", response.status_code)
            return response

    def _send_within_limits(
        self, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        """Send a request and read the whole body, so that nobody reads beyond the limits."""
        limits = self.outbound.limits
        self.outbound.check_allowed(request.url or "")
        for prepare in before_calls:
            prepare()
        options |= {"stream": True, "timeout": (limits.connect, limits.read), "proxies": {}}
        # `timeout` restarts with every byte; the timer also ends a response that trickles in.
        timer = threading.Timer(limits.total, self._abort_transfer)
        timer.daemon = True
        timer.start()
        try:
            response = super().send(request, **options)
            response._content = self._read_body(response)
            # Without this, `requests` guesses, or believes in a charset that cannot be decoded.
            response.encoding = "utf-8"
            _drop_unreadable_location(response)
        except BaseException:
            self.close()  # the rest of this response must not be read as the next one
            raise
        finally:
            timer.cancel()
        if not self.keep_alive:
            self.close()
        return response

    def open_connection(self, host: str, port: int) -> socket.socket:
        """Connect to the first checked address that answers; OSError if none does."""
        for family, kind, protocol, _, address in self.outbound.resolve_addresses(host, port):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self.outbound.limits.connect)
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as urllib3 does
            except OSError:
                sock.close()
                continue
            self.open_sockets.append(sock.dup())
            return sock
        raise ConnectionRefusedError("No address answers.")

    def close(self) -> None:
        """Close every connection."""
        while self.open_sockets:
            self.open_sockets.pop().close()
        super().close()

    def _read_body(self, response: requests.Response) -> bytes:
        data = bytearray()
        for chunk in response.iter_content(CHUNK_BYTES):
            data += chunk
            if len(data) > self.outbound.limits.size:
                message = "The answer is too long."
                raise requests.exceptions.ChunkedEncodingError(message, response=response)
        # Without a Content-Length, a connection that the timer ended looks like a complete body.
        if self.timed_out:
            raise requests.exceptions.ReadTimeout("The answer takes too long.")
        return bytes(data)

    def _abort_transfer(self) -> None:
        self.timed_out = True
        for open_socket in self.open_sockets:
            with suppress(OSError):  # it has ended by itself
                open_socket.shutdown(socket.SHUT_RDWR)


def _pinned_pool(
    pool_class: type, connection_class: type, http_adapter: CheckedHTTPAdapter
) -> type:
    """Return a pool class of urllib3 whose connections `http_adapter` opens."""
    attributes = {"http_adapter": http_adapter}
    pinned = type(
        f"Pinned{connection_class.__name__}", (_PinnedConnection, connection_class), attributes
    )
    return type(f"Pinned{pool_class.__name__}", (pool_class,), {"ConnectionCls": pinned})


class _PinnedConnection:
    """Mixin for connections of urllib3: the HTTP adapter chooses the address."""

    http_adapter: CheckedHTTPAdapter
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        try:
            return self.http_adapter.open_connection(self.host, self.port)
        except OSError as error:
            raise NewConnectionError(self, "It cannot be reached.") from error  # type: ignore[arg-type]
