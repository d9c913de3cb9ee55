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

SLOW = 0.06  # before and after each request
LIVES = 2


class State:
    """The tokens, the pictures, and the requests in progress."""

    def __init__(self, log):
        self.log, self.lock = log, Lock()
        self.tokens, self.live, self.pictures = {}, {}, {}
        self.at_work, self.away, self.asked = Counter(), False, 0

    def change(self, account, data):
        with self.lock:
            name = f"{account}-{secrets.token_hex(4)}"
            self.pictures[name], self.live[account] = data, name
            self.note(account)

    def remove(self, account):
        with self.lock:
            self.live.pop(account, None)
            self.note(account)

    def note(self, account):
        self.log.write(f"{account}\n")
        self.log.flush()


class Handler(BaseHTTPRequestHandler):
    """Handles a request, with random delays."""

    state: State
    slow = SLOW
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
        self.state.asked += 1
        if self.state.away:
            return self.say({"error": "away"}, 503)
        self.state.at_work[verb] += 1
        time.sleep(random.uniform(0, self.slow))
        try:
            return getattr(self, verb)(path, body)
        finally:
            time.sleep(random.uniform(0, self.slow))
            self.state.at_work[verb] -= 1

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
            self.state.away = True
        if path == "/control/back":
            self.state.away = False
        self.say({"at_work": self.state.at_work, "requests": self.state.asked})

    def refresh(self, _, body):
        account = parse_qs(body.decode())["refresh_token"][0]
        access = secrets.token_urlsafe(16)
        self.state.tokens[access] = account
        self.say(
            {
                "access_token": access,
                "token_type": "Bearer",
                "expires_in": LIVES,
                "refresh_token": account,
                "scope": "write:accounts",
            }
        )

    def look(self, *_):
        account = self.account()
        if account:
            self.say(self.profile(account))

    def send(self, _, body):
        account = self.account()
        if not account:
            return
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
        self.state.change(account, next(parts).get_payload(decode=True))
        time.sleep(random.uniform(0, self.slow))
        self.say(self.profile(account))

    def remove(self, *_):
        account = self.account()
        if account:
            self.state.remove(account)
            self.say(self.profile(account))

    def picture(self, path, _):
        self.say(self.state.pictures[re.sub(r"^/avatars/|\.jpg$", "", path)], kind="image/jpeg")

    def account(self):
        account = self.state.tokens.get(self.headers.get("Authorization", "")[len("Bearer ") :])
        if account is None:
            self.say({"error": "The access token is invalid"}, 401)
        return account

    def profile(self, account):
        name = self.state.live.get(account)
        host = self.headers["Host"]
        url = f"http://{host}/avatars/{name}.jpg" if name else ""
        return {"id": account, "username": account, "avatar": url}

    def say(self, told, status=200, kind="application/json"):
        data = told if isinstance(told, bytes) else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
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


def main(port, log, slow=SLOW):
    Handler.slow = float(slow)
    with Path(log).open("a") as file:
        Handler.state = State(file)
        server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
        server.daemon_threads = True
        server.serve_forever(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
