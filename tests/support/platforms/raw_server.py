"""A server on loopback that answers every request with the same bytes, whatever they are."""

import email
import socket
import threading


class RawServer:
    """Sends `answer` to every request, without looking at it, and closes the connection."""

    def __init__(self):
        self.answer = b""
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._respond(connection)

    def _respond(self, connection):
        connection.settimeout(2)
        try:
            with connection.makefile("rb") as request:
                headers = email.message_from_bytes(b"".join(_read_head(request)))
                request.read(int(headers.get("Content-Length", 0)))
            connection.sendall(self.answer)
        except OSError:
            pass  # the client hung up


def _read_head(request):
    """Yield the header lines of a request."""
    request.readline()
    while line := request.readline().strip():
        yield line + b"\r\n"


def response_bytes(status, headers, body):
    """Return the bytes of a response; headers are pairs of latin-1 texts."""
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers)]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    return head + body
