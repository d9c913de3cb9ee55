"""The ASGI application behind the web server that serves it, in a thread, for exact bytes."""

import json
import socket
import threading
from contextlib import contextmanager

import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connections

from branding.operations.request_limits import RequestLimits
from tests.support.processes import wait_until


class AsgiServer:
    """Where the server listens, and how to speak to it byte by byte."""

    def __init__(self, port):
        self.port = port
        self.address = f"http://localhost:{port}"

    def exchange(self, *parts, timeout=20):
        """Send bytes and return status, headers and body of the response."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as connection:
            for part in parts:
                connection.sendall(part)
            return read_response(connection)

    def send(self, method, path, body, *, chunked, **headers):
        """Send a request, its body with a length or in chunks of a few bytes."""
        head = {"Host": f"localhost:{self.port}", "Connection": "close", **headers}
        if chunked:
            head["Transfer-Encoding"] = "chunked"
            size = max(len(body) // 3, 1)
            pieces = [body[start : start + size] for start in range(0, len(body), size)]
            sent = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
            body = sent + b"0\r\n\r\n"
        else:
            head["Content-Length"] = len(body)
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items())
        return self.exchange(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode(), body)


def read_response(connection):
    """Return status, headers and body of a response, which ends where its headers say."""
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        lines = iter(lambda: stream.readline().decode("latin-1").strip(), "")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        length = headers.get("content-length")
        return status, headers, stream.read() if length is None else stream.read(int(length))


def error_of(body):
    """Return what an error of the API says."""
    return json.loads(body)


@contextmanager
def asgi_server(**limits):
    """Serve while the block runs."""
    application = RequestLimits(get_asgi_application(), **limits)
    config = uvicorn.Config(
        application,
        lifespan="off",
        log_config=None,
        http="h11",
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
    )
    server, listener = uvicorn.Server(config), socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        wait_until(lambda: server.started, 10)
        yield AsgiServer(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        connections.close_all()
