"""A platform as a process of its own: `python -m tests.faults.platform PORT LOG [SLOW]`.

It implements Mastodon's API for any number of accounts, answers slowly, and logs every change.
An account's name is its refresh token; access tokens live a few seconds.
"""

import json
import random
import re
import secrets
import sys
import time
from collections import Counter
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from urllib.parse import parse_qs

MAX_DELAY_SECONDS = 0.06  # before and after each request
TOKEN_LIFETIME_SECONDS = 2


class PlatformState:
    """The tokens, the pictures, and the requests in progress."""

    def __init__(self, log):
        self.log, self.lock = log, Lock()
        self.tokens, self.live_pictures, self.pictures = {}, {}, {}
        self.active_requests, self.is_away, self.request_count = Counter(), False, 0

    def set_picture(self, account, data):
        with self.lock:
            name = f"{account}-{secrets.token_hex(4)}"
            self.pictures[name], self.live_pictures[account] = data, name
            self.log_effect(account)

    def remove_picture(self, account):
        with self.lock:
            self.live_pictures.pop(account, None)
            self.log_effect(account)

    def log_effect(self, account):
        self.log.write(f"{account}\n")
        self.log.flush()


class PlatformHandler(BaseHTTPRequestHandler):
    """Handles a request, with random delays."""

    state: PlatformState
    max_delay = MAX_DELAY_SECONDS
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as servers do: a kept connection answers at once

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            return None  # whoever sent it was killed half-way
        path = self.path.split("?")[0]
        verb = self.verb(path)
        if verb == "control":
            return self.control(path)
        self.state.request_count += 1
        if self.state.is_away:
            return self.respond({"error": "away"}, 503)
        self.state.active_requests[verb] += 1
        time.sleep(random.uniform(0, self.max_delay))
        try:
            return getattr(self, verb)(path, body)
        finally:
            time.sleep(random.uniform(0, self.max_delay))
            self.state.active_requests[verb] -= 1

    do_GET = do_POST = do_PATCH = do_DELETE = answer

    def verb(self, path):
        if path.startswith("/control/"):
            return "control"
        if path == "/oauth/token":
            return "refresh"
        if path.startswith("/avatars/"):
            return "picture"
        return {"PATCH": "send", "DELETE": "remove"}.get(self.command, "look")

    def control(self, path):
        if path == "/control/away":
            self.state.is_away = True
        if path == "/control/back":
            self.state.is_away = False
        self.respond({"at_work": self.state.active_requests, "requests": self.state.request_count})

    def refresh(self, _, body):
        account = parse_qs(body.decode())["refresh_token"][0]
        access = secrets.token_urlsafe(16)
        self.state.tokens[access] = account
        self.respond(
            {
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": TOKEN_LIFETIME_SECONDS,
                "refresh_token": account,
                "scope": "write:accounts",
            }
        )

    def look(self, *_):
        account = self.account()
        if account:
            self.respond(self.profile(account))

    def send(self, _, body):
        account = self.account()
        if not account:
            return
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
        self.state.set_picture(account, next(parts).get_payload(decode=True))
        time.sleep(random.uniform(0, self.max_delay))
        self.respond(self.profile(account))

    def remove(self, *_):
        account = self.account()
        if account:
            self.state.remove_picture(account)
            self.respond(self.profile(account))

    def picture(self, path, _):
        self.respond(
            self.state.pictures[re.sub(r"^/avatars/|\.jpg$", "", path)], content_type="image/jpeg"
        )

    def account(self):
        account = self.state.tokens.get(self.headers.get("Authorization", "")[len("Bearer ") :])
        if account is None:
            self.respond({"error": "The access token is invalid"}, 401)
        return account

    def profile(self, account):
        name = self.state.live_pictures.get(account)
        host = self.headers["Host"]
        url = f"http://{host}/avatars/{name}.jpg" if name else ""
        return {"id": account, "username": account, "avatar": url}

    def respond(self, payload, status=200, content_type="application/json"):
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            return  # whoever asked was killed


def main(port, log, max_delay=MAX_DELAY_SECONDS):
    PlatformHandler.max_delay = float(max_delay)
    with Path(log).open("a") as file:
        PlatformHandler.state = PlatformState(file)
        server = ThreadingHTTPServer(("127.0.0.1", int(port)), PlatformHandler)
        server.daemon_threads = True
        server.serve_forever(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
