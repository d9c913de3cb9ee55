"""A small Nextcloud on loopback: Login Flow v2, the user, and revoking an app password."""

import base64
import json

from tests.support.platforms.scripted_server import ScriptedResponse, ScriptedServer

PASSWORD = "canary-app-password-5Rc0"
TOKEN = "canary-poll-token-8aF2"
AUTHORIZATION = "Basic " + base64.b64encode(f"alice:{PASSWORD}".encode()).decode()


class FakeNextcloud(ScriptedServer):
    """Hands out one app password to who polls with the token, once the person has agreed."""

    def __init__(self):
        super().__init__()
        self.says_yes, self.ended = False, False
        self.named = self.url  # the base URL that it puts into its responses
        self.responses = {
            "POST /index.php/login/v2": lambda _: json_response(
                poll={"token": TOKEN, "endpoint": f"{self.named}/index.php/login/v2/poll"},
                login=f"{self.named}/index.php/login/v2/flow/canary",
            ),
            "POST /index.php/login/v2/poll": self.poll,
            "GET /ocs/v2.php/cloud/user": self.who,
            "DELETE /ocs/v2.php/core/apppassword": self.end,
        }

    def poll(self, request):
        if not self.says_yes or request.body.decode() != f"token={TOKEN}":
            return ScriptedResponse(404, b"[]")
        self.says_yes = False  # it is handed out only once
        return json_response(server=self.named, loginName="alice", appPassword=PASSWORD)

    def who(self, request):
        if request.headers["Authorization"] != AUTHORIZATION:
            return ScriptedResponse(401)
        return json_response(ocs={"data": {"id": "alice", "display-name": "Alice"}})

    def end(self, request):
        assert request.headers["OCS-APIRequest"] == "true"
        self.ended = request.headers["Authorization"] == AUTHORIZATION
        return json_response(ocs={"data": []})


def json_response(**values):
    return ScriptedResponse(body=json.dumps(values).encode())
