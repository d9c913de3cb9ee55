"""A server on loopback that plays every platform: it replays recorded calls over TLS.

Recordings are data (tests/fixtures/recordings/<slug>/calls.toml), written from the documentation of
the platforms: the expected requests and their responses. URLs, hosts and limits are the real ones:
host names lead here because the outbound client gets a resolver of these tests, and a certificate
authority made for the tests is trusted.
"""

import base64
import email
import json
import socket
import ssl
import threading
import time
import tomllib
from dataclasses import dataclass, field
from email.policy import HTTP
from fnmatch import fnmatchcase
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import trustme

from integrations.outbound.responses import SAFE_METHODS

RECORDINGS = Path(__file__).resolve().parents[2] / "fixtures" / "recordings"
TOKEN = "canary-5f3a9c1e7b-token"
SECRET = "canary-8d2b4e6f0a-secret"


@dataclass(frozen=True)
class Failure:
    """What happens instead of the documented answer."""

    name: str
    status: int = 0
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    closes_connection: bool = False  # the request arrives and the connection is closed
    sends_nothing: bool = False  # the request arrives and no response comes for a while


@cache
def load_recording(slug):
    """Return the recording of one platform."""
    return tomllib.loads((RECORDINGS / slug / "calls.toml").read_text())


def is_read_only(call):
    """Return whether a recorded call changes nothing."""
    return call.get("reads", call["ask"].split(" ")[0] in SAFE_METHODS)


class ReplayServer:
    """Expects the calls given to `expect`; `wrong` lists the differences of those that arrived."""

    def __init__(self, hosts):
        authority = trustme.CA()
        self.authority = authority.cert_pem.bytes()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*sorted(hosts)).configure_cert(context)
        replay = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                replay.answer(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._closed = socket.socket()
        self._closed.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True).start()
        self.expect([], {})

    def close(self):
        self._closed.close()
        self._server.shutdown()
        self._server.server_close()

    def expect(self, calls, filled, *, failing=-1, failure: Failure | None = None):
        """Set the expected calls, their placeholders, and which call fails in which way."""
        self.calls, self.filled = calls, filled
        self.failing, self.failure = failing, failure
        self.arrived, self.connected, self.wrong = 0, 0, []

    def resolve(self, _host, _port, *_):
        """Resolve every host name to this server, or to a closed port if the call fails so."""
        refused = self.failure and self.failure.name == "refused"
        is_refused = refused and self.connected == self.failing
        target = self._closed if is_refused else self._server.socket
        self.connected += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", target.getsockname())]

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        index, self.arrived = self.arrived, self.arrived + 1
        if index >= len(self.calls):
            self.wrong.append(f"unexpected: {handler.command} {handler.path}")
            return
        call = self.calls[index]
        self.wrong += find_differences(call, handler, body, self.filled)
        if index == self.failing:
            if self.failure.sends_nothing:
                time.sleep(0.6)
            elif not self.failure.closes_connection:
                send_response(handler, self.failure.status, self.failure.body, self.failure.headers)
            return
        text = fill_placeholders(call.get("answer", ""), self.filled)
        data = self.filled["picture"] if call.get("image") else text.encode()
        send_response(handler, call.get("status", 200), data, call.get("says", {}))


def send_response(handler, status, body, headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def fill_placeholders(data, filled):
    """Replace placeholders such as `{token}` in every text of recorded data."""
    if isinstance(data, dict):
        return {name: fill_placeholders(value, filled) for name, value in data.items()}
    if isinstance(data, list):
        return [fill_placeholders(value, filled) for value in data]
    for name, value in filled.items():
        if isinstance(data, str) and isinstance(value, str):
            data = data.replace(f"{{{name}}}", value)
    return data


def find_differences(call, handler, body, filled):
    """Describe how a request differs from its recording."""
    method, address = fill_placeholders(call["ask"], filled).split(" ")
    expected, actual = urlsplit(address), urlsplit(handler.path)
    pairs = {
        "method": (method, handler.command),
        "host": (expected.netloc, handler.headers["Host"]),
        "path": (expected.path, actual.path),
        "query": (sorted(parse_qsl(expected.query)), sorted(parse_qsl(actual.query))),
        **{name: _body(name, call, handler, body, filled) for name in ("json", "form", "bytes")},
    }
    wrong = [
        f"{call['ask']}: {name} {received!r}, not {wanted!r}"
        for name, (wanted, received) in pairs.items()
        if wanted != received
    ]
    headers = fill_placeholders({**call.get("headers", {}), **call.get("signed", {})}, filled)
    for name, value in headers.items():
        if not fnmatchcase(handler.headers.get(name, ""), value):
            wrong.append(f"{call['ask']}: {name} is {handler.headers.get(name)!r}, not {value!r}")
    if call.get("unsigned") and any(TOKEN in value for value in handler.headers.values()):
        wrong.append(f"{call['ask']}: carries the token")
    return wrong


def _body(name, call, handler, body, filled):
    """Return the expected and the received body, if the call sends one of this kind."""
    if name not in call:
        return None, None
    wanted = fill_placeholders(call[name], filled)
    if name == "json":
        return wanted, json.loads(body)
    if name == "bytes":
        return (wanted, filled["picture"]), (handler.headers["Content-Type"], body)
    content_type = handler.headers["Content-Type"]
    if not content_type.startswith("multipart/"):
        return wanted, dict(parse_qsl(body.decode()))
    parts = email.message_from_bytes(
        f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=HTTP
    ).iter_parts()
    return wanted, dict(_part(part, filled["picture"]) for part in parts)


def _part(part, picture):
    """Return name and text of a form part; `{file}` if it is the picture as a JPEG file."""
    name = part.get_param("name", header="content-disposition")
    data = part.get_payload(decode=True)
    description = (data, part.get_filename(), part.get_content_type())
    if description == (picture, "avatar.jpg", "image/jpeg"):
        return name, "{file}"
    return name, data.decode("utf-8", "replace")


def make_placeholders(picture, **more):
    """Return the placeholders of a recording with their values."""
    return {
        "picture": picture,
        "base64": base64.b64encode(picture).decode(),
        "base64url": base64.urlsafe_b64encode(picture).decode(),
        "google": base64.urlsafe_b64encode(picture).decode().replace("=", "*"),
        "token": TOKEN,
        "basic": base64.b64encode(f"{more.get('user', '')}:{TOKEN}".encode()).decode(),
        **more,
    }
