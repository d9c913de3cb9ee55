"""A small Nextcloud on loopback: its Login Flow v2, who somebody is, and the end of a password."""

import base64
import json

from tests.support.scripted_server import Script, Told

PASSWORD = "canary-app-password-5Rc0"
TOKEN = "canary-poll-token-8aF2"
SIGNED = "Basic " + base64.b64encode(f"alice:{PASSWORD}".encode()).decode()


class Cloud(Script):
    """Gives a password to whoever asks with the token, once, after `says_yes`."""

    def __init__(self):
        super().__init__()
        self.says_yes, self.ended = False, False
        self.named = self.url  # what it believes its own address to be
        self.answers = {
            "POST /index.php/login/v2": lambda _: told(
                poll={"token": TOKEN, "endpoint": f"{self.named}/index.php/login/v2/poll"},
                login=f"{self.named}/index.php/login/v2/flow/canary",
            ),
            "POST /index.php/login/v2/poll": self.poll,
            "GET /ocs/v2.php/cloud/user": self.who,
            "DELETE /ocs/v2.php/core/apppassword": self.end,
        }

    def poll(self, asked):
        if not self.says_yes or asked.body.decode() != f"token={TOKEN}":
            return Told(404, b"[]")
        self.says_yes = False  # it is told once
        return told(server=self.named, loginName="alice", appPassword=PASSWORD)

    def who(self, asked):
        if asked.headers["Authorization"] != SIGNED:
            return Told(401)
        return told(ocs={"data": {"id": "alice", "display-name": "Alice"}})

    def end(self, asked):
        assert asked.headers["OCS-APIRequest"] == "true"
        self.ended = asked.headers["Authorization"] == SIGNED
        return told(ocs={"data": []})


def told(**values):
    return Told(body=json.dumps(values).encode())
