"""A strict server on loopback with the API of Mastodon: registers apps and checks PKCE."""

import json
import secrets
from urllib.parse import parse_qs, parse_qsl, urlsplit

from integrations.vault import hash_s256
from tests.support.platforms.scripted_server import ScriptedResponse, ScriptedServer


def json_response(data, status=200):
    return ScriptedResponse(status, json.dumps(data).encode(), {"Content-Type": "application/json"})


def form_of(request):
    return dict(parse_qsl(request.body.decode()))


class FakeMastodon(ScriptedServer):
    """Has one account, alice. Access tokens expire after `lives` seconds, if given; `rotates` says
    whether a refresh token may be used only once.
    """

    def __init__(self, *, lives=None, rotates=False):
        super().__init__()
        self.lives, self.rotates = lives, rotates
        self.apps, self.codes, self.access, self.refresh = {}, {}, set(), set()
        self.revoked, self.refreshed = [], 0
        self.account = "1"
        self.avatar = b""
        self.responses = {
            "POST /api/v1/apps": self.register,
            "POST /oauth/token": self.token,
            "POST /oauth/revoke": self.revoke,
            "GET /api/v1/accounts/verify_credentials": self.me,
            "PATCH /api/v1/accounts/update_credentials": self.me,
            "GET /avatar.png": lambda _: ScriptedResponse(body=self.avatar),
            "GET /.well-known/nodeinfo": lambda _: json_response(
                {"links": [{"href": f"{self.url}/nodeinfo"}]}
            ),
            "GET /nodeinfo": lambda _: json_response(
                {"software": {"name": "mastodon", "version": "4.3.2"}}
            ),
        }

    def register(self, _):
        client_id = secrets.token_hex(8)
        self.apps[client_id] = secrets.token_hex(16)
        return json_response({"client_id": client_id, "client_secret": self.apps[client_id]})

    def say_yes(self, url, **more):
        """Return the callback parameters after the person has allowed access at a URL."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["code_challenge_method"] == "S256" and query["client_id"] in self.apps
        code = secrets.token_hex(8)
        self.codes[code] = query
        return {"code": code, "state": query["state"], **more}

    def token(self, request):
        form = form_of(request)
        if self.apps.get(form.get("client_id")) != form.get("client_secret"):
            return json_response({"error": "invalid_client"}, 401)
        if form["grant_type"] == "refresh_token":
            return self.renew(form)
        authorization = self.codes.pop(form["code"], None)
        if (
            not authorization
            or hash_s256(form.get("code_verifier", "")) != authorization["code_challenge"]
        ):
            return json_response({"error": "invalid_grant"}, 400)
        return self.issue()

    def renew(self, form):
        if form["refresh_token"] not in self.refresh:
            self.access.clear()
            self.refresh.clear()  # a used one was sent again: the whole grant ends
            return json_response({"error": "invalid_grant"}, 400)
        self.refreshed += 1
        if self.rotates:
            self.refresh.discard(form["refresh_token"])
        return self.issue()

    def issue(self):
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.access.add(access)
        tokens = {"access_token": access, "token_type": "Bearer", "scope": "read:accounts"}
        if self.lives:
            tokens["expires_in"] = self.lives
            first = not self.refresh or self.rotates
            tokens["refresh_token"] = refresh if first else ""
            self.refresh |= {refresh} if first else set()
        return json_response(tokens)

    def revoke(self, request):
        self.revoked.append(form_of(request)["token"])
        return json_response({})

    def me(self, request):
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.access:
            return json_response({"error": "The access token is invalid"}, 401)
        account = {"id": self.account, "username": "alice", "url": f"{self.url}/@alice"}
        return json_response({**account, "avatar": f"{self.url}/avatar.png" if self.avatar else ""})
