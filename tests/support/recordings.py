"""Every platform at once, on loopback: replays a recording call by call, over TLS, by true names.

Recordings are data (tests/fixtures/recordings/<slug>/calls.toml), written from what the platforms document:
what is expected to arrive and what is answered. Addresses, hosts and limits are those of the real
thing: a name leads here because the door's resolver says so, and a certificate made for the tests
is trusted.
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

from integrations.outbound.responses import READS

RECORDINGS = Path(__file__).resolve().parents[1] / "fixtures" / "recordings"
TOKEN = "canary-5f3a9c1e7b-token"
SECRET = "canary-8d2b4e6f0a-secret"


@dataclass(frozen=True)
class Failure:
    """What happens instead of the documented answer."""

    name: str
    status: int = 0
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    late: bool = False  # the call arrives, and the connection ends
    silent: bool = False  # the call arrives, and nothing comes for a while


@cache
def recording(slug):
    """One platform's recording."""
    return tomllib.loads((RECORDINGS / slug / "calls.toml").read_text())


def reads(call):
    """Whether a recorded call changes nothing."""
    return call.get("reads", call["ask"].split(" ")[0] in READS)


class Replay:
    """`expect` says what is to come; `wrong` is what came and was not as documented."""

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
        self._closed.bind(("127.0.0.1", 0))  # bound, never listening: whoever comes is refused
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.expect([], {})

    def close(self):
        self._closed.close()
        self._server.shutdown()
        self._server.server_close()

    def expect(self, calls, filled, *, failing=-1, failure=None):
        """The calls of one verb, and which of them fails how."""
        self.calls, self.filled = calls, filled
        self.failing, self.failure = failing, failure
        self.arrived, self.connected, self.wrong = 0, 0, []

    def resolve(self, _host, _port, *_):
        """Where a name leads in these tests."""
        refused = self.failure and self.failure.name == "refused"
        here = self._closed if refused and self.connected == self.failing else self._server.socket
        self.connected += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", here.getsockname())]

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        index, self.arrived = self.arrived, self.arrived + 1
        if index >= len(self.calls):
            self.wrong.append(f"unexpected: {handler.command} {handler.path}")
            return
        call = self.calls[index]
        self.wrong += differences(call, handler, body, self.filled)
        if index == self.failing:
            if self.failure.silent:
                time.sleep(0.6)
            elif not self.failure.late:
                failed = self.failure.body
                send(handler, self.failure.status, failed, self.failure.headers)
            return
        said = filled_in(call.get("answer", ""), self.filled)
        data = self.filled["picture"] if call.get("image") else said.encode()
        send(handler, call.get("status", 200), data, call.get("says", {}))


def send(handler, status, body, headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def filled_in(told, filled):
    """`{token}` and the like, wherever they stand."""
    if isinstance(told, dict):
        return {name: filled_in(value, filled) for name, value in told.items()}
    if isinstance(told, list):
        return [filled_in(value, filled) for value in told]
    for name, value in filled.items():
        if isinstance(told, str) and isinstance(value, str):
            told = told.replace(f"{{{name}}}", value)
    return told


def differences(call, handler, body, filled):
    """What of a request is not as documented, in words."""
    method, address = filled_in(call["ask"], filled).split(" ")
    want, got = urlsplit(address), urlsplit(handler.path)
    pairs = {
        "method": (method, handler.command),
        "host": (want.netloc, handler.headers["Host"]),
        "path": (want.path, got.path),
        "query": (sorted(parse_qsl(want.query)), sorted(parse_qsl(got.query))),
        **{name: _body(name, call, handler, body, filled) for name in ("json", "form", "bytes")},
    }
    wrong = [f"{call['ask']}: {name} {b!r}, not {a!r}" for name, (a, b) in pairs.items() if a != b]
    headers = filled_in({**call.get("headers", {}), **call.get("signed", {})}, filled)
    for name, value in headers.items():
        if not fnmatchcase(handler.headers.get(name, ""), value):
            wrong.append(f"{call['ask']}: {name} is {handler.headers.get(name)!r}, not {value!r}")
    if call.get("unsigned") and any(TOKEN in value for value in handler.headers.values()):
        wrong.append(f"{call['ask']}: carries the token")
    return wrong


def _body(name, call, handler, body, filled):
    """What a body should be and what it is, if this is the way the call sends it."""
    if name not in call:
        return None, None
    wanted = filled_in(call[name], filled)
    if name == "json":
        return wanted, json.loads(body)
    if name == "bytes":
        there = handler.headers["Content-Type"], body
        return (wanted, filled["picture"]), there
    kind = handler.headers["Content-Type"]
    if not kind.startswith("multipart/"):
        return wanted, dict(parse_qsl(body.decode()))
    parts = email.message_from_bytes(
        f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=HTTP
    ).iter_parts()
    return wanted, dict(_part(part, filled["picture"]) for part in parts)


def _part(part, picture):
    """`{file}` if it is the picture, as a file with a name and a type."""
    name = part.get_param("name", header="content-disposition")
    data = part.get_payload(decode=True)
    whole = (data, part.get_filename(), part.get_content_type())
    if whole == (picture, "avatar.jpg", "image/jpeg"):
        return name, "{file}"
    return name, data.decode("utf-8", "replace")


def fills(picture, **more):
    """What stands for what in a recording."""
    return {
        "picture": picture,
        "base64": base64.b64encode(picture).decode(),
        "base64url": base64.urlsafe_b64encode(picture).decode(),
        "google": base64.urlsafe_b64encode(picture).decode().replace("=", "*"),
        "token": TOKEN,
        "basic": base64.b64encode(f"{more.get('user', '')}:{TOKEN}".encode()).decode(),
        **more,
    }
