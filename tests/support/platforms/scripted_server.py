"""A small HTTP server on loopback that sends prepared responses and records the requests."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any


@dataclass
class RecordedRequest:
    """One request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedResponse:
    """One response; `run_instead` is called with the request handler instead, if it is given."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    run_instead: Callable[[Any], None] | None = None


class ScriptedServer:
    """Responds by `METHOD /path`, with 404 to anything else; over TLS if a context is given.

    `keep_alive` allows several requests on a connection; `connections` counts them either way.
    """

    def __init__(
        self, *, tls: SSLContext | None = None, keep_alive: bool = False, **_: Any
    ) -> None:
        self.responses: dict[
            str, ScriptedResponse | Callable[[RecordedRequest], ScriptedResponse]
        ] = {}
        self.requests: list[RecordedRequest] = []
        self.connections = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1" if keep_alive else "HTTP/1.0"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                server.connections += 1

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                request = RecordedRequest(
                    self.command, self.path, dict(self.headers.items()), self.rfile.read(length)
                )
                server.requests.append(request)
                path = self.path.split("?")[0]
                response = server.responses.get(f"{self.command} {path}", ScriptedResponse(404))
                response = response(request) if callable(response) else response
                if response.run_instead:
                    response.run_instead(self)
                    return
                self.send_response(response.status)
                for name, value in response.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(response.body)))
                self.end_headers()
                self.wfile.write(response.body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
