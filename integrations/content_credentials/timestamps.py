"""Let the library that signs files ask a time-stamping authority (RFC 3161) for the time.

The library sends its requests by itself. It gets a local address, from which each request is passed
on by the outbound client, which checks where it goes and limits how long it takes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from integrations.errors import PlatformError
from integrations.outbound.client import Limits, OutboundClient

# https://www.rfc-editor.org/rfc/rfc3161#section-3.4
QUERY_TYPE: Final = "application/timestamp-query"
REPLY_TYPE: Final = "application/timestamp-reply"
MAX_QUERY_BYTES: Final = 10_000  # a query holds one hash
LIMITS: Final = Limits(connect=3, read=5, total=8, size=100_000)
LOOPBACK: Final = "127.0.0.1"


@contextmanager
def relay_to(url: str) -> Iterator[str]:
    """Yield a local address that passes queries on to the authority at `url`, while it is open."""
    client = OutboundClient(
        {urlsplit(url).netloc},
        platform="The time-stamping authority",
        allow_loopback=settings.OPEN_LOOPBACK,
        limits=LIMITS,
    )
    with HTTPServer((LOOPBACK, 0), _build_handler(client, url)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def _build_handler(client: OutboundClient, url: str) -> type[BaseHTTPRequestHandler]:
    """Return a handler of requests that sends each query to the authority."""

    class QueryHandler(BaseHTTPRequestHandler):
        timeout = LIMITS.total

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length", 0)), MAX_QUERY_BYTES)
            query = self.rfile.read(length)
            headers = {"Content-Type": QUERY_TYPE, "Accept": REPLY_TYPE}
            try:
                reply = client.send_request(
                    "POST", url, read_only=True, data=query, headers=headers
                )
            except PlatformError:
                self.send_error(502)
                return
            self.send_response(200)
            self.send_header("Content-Type", REPLY_TYPE)
            self.send_header("Content-Length", str(len(reply.data)))
            self.end_headers()
            self.wfile.write(reply.data)

        def log_message(self, *_args: Any, **_options: Any) -> None:
            """Log nothing: the outbound client logs the call."""

    return QueryHandler
