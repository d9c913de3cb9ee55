"""A strict Mastodon-like instance on loopback: registers apps, checks PKCE, forgets nothing."""

import json
import secrets
from urllib.parse import parse_qs, parse_qsl, urlsplit

from integrations.vault import s256
from tests.support.scripted_server import Script, Told


def told(data, status=200):
    return Told(status, json.dumps(data).encode(), {"Content-Type": "application/json"})


def fields(asked):
    return dict(parse_qsl(asked.body.decode()))


class Instance(Script):
    """One account, alice; `lives` seconds an access token lives, `rotates` its refresh tokens."""

    def __init__(self, *, lives=None, rotates=False):
        super().__init__()
        self.lives, self.rotates = lives, rotates
        self.apps, self.codes, self.access, self.refresh = {}, {}, set(), set()
        self.revoked, self.refreshed = [], 0
        self.account = "1"
        self.avatar = b""
        self.answers = {
            "POST /api/v1/apps": self.register,
            "POST /oauth/token": self.token,
            "POST /oauth/revoke": self.revoke,
            "GET /api/v1/accounts/verify_credentials": self.me,
            "PATCH /api/v1/accounts/update_credentials": self.me,
            "GET /avatar.png": lambda _: Told(body=self.avatar),
            "GET /.well-known/nodeinfo": lambda _: told(
                {"links": [{"href": f"{self.url}/nodeinfo"}]}
            ),
            "GET /nodeinfo": lambda _: told({"software": {"name": "mastodon", "version": "4.3.2"}}),
        }

    def register(self, _):
        client = secrets.token_hex(8)
        self.apps[client] = secrets.token_hex(16)
        return told({"client_id": client, "client_secret": self.apps[client]})

    def say_yes(self, url, **more):
        """What the person's browser brings back from the authorize page."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["code_challenge_method"] == "S256" and asked["client_id"] in self.apps
        code = secrets.token_hex(8)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], **more}

    def token(self, asked):
        sent = fields(asked)
        if self.apps.get(sent.get("client_id")) != sent.get("client_secret"):
            return told({"error": "invalid_client"}, 401)
        if sent["grant_type"] == "refresh_token":
            return self.renew(sent)
        begun = self.codes.pop(sent["code"], None)
        if not begun or s256(sent.get("code_verifier", "")) != begun["code_challenge"]:
            return told({"error": "invalid_grant"}, 400)
        return self.issue()

    def renew(self, sent):
        if sent["refresh_token"] not in self.refresh:
            self.access.clear()
            self.refresh.clear()  # a spent one was used again: the family ends
            return told({"error": "invalid_grant"}, 400)
        self.refreshed += 1
        if self.rotates:
            self.refresh.discard(sent["refresh_token"])
        return self.issue()

    def issue(self):
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.access.add(access)
        got = {"access_token": access, "token_type": "Bearer", "scope": "read:accounts"}
        if self.lives:
            got["expires_in"] = self.lives
            first = not self.refresh or self.rotates
            got["refresh_token"] = refresh if first else ""
            self.refresh |= {refresh} if first else set()
        return told(got)

    def revoke(self, asked):
        self.revoked.append(fields(asked)["token"])
        return told({})

    def me(self, asked):
        if asked.headers.get("Authorization", "").removeprefix("Bearer ") not in self.access:
            return told({"error": "The access token is invalid"}, 401)
        name = {"id": self.account, "username": "alice", "url": f"{self.url}/@alice"}
        return told({**name, "avatar": f"{self.url}/avatar.png" if self.avatar else ""})
