"""An account on a Bluesky server, and its sign-in and consent without a browser.

The consent pages are rendered by JavaScript over a small HTTP API, which is called here directly.
"""

from urllib.parse import parse_qsl, urlsplit

from integrations.outbound.client import Door

API = "/@atproto/oauth-provider/~api"
NAVIGATING = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
CALLING = {"Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "empty"}
PASSWORD = "hunter2hunter2"
PROFILE = "app.bsky.actor.profile"


class Person:
    """An account on a server of tests, with a password session of its own."""

    def __init__(self, server: str, name: str) -> None:
        self.server, self.handle = server, f"{name}.test"
        self.browser = Door(None, loopback=True).session()
        told = {"handle": self.handle, "email": f"{name}@test.com", "password": PASSWORD}
        made = self.browser.post(f"{server}/xrpc/com.atproto.server.createAccount", json=told)
        assert made.ok, made.text
        self.did = made.json()["did"]
        self._sign = {"Authorization": f"Bearer {made.json()['accessJwt']}"}

    def write(self, **record) -> None:
        """Write the profile record, as another app would."""
        told = {"repo": self.did, "collection": PROFILE, "rkey": "self"}
        told["record"] = {"$type": PROFILE, **record}
        url = f"{self.server}/xrpc/com.atproto.repo.putRecord"
        got = self.browser.post(url, json=told, headers=self._sign)
        assert got.ok, got.text

    def upload(self, data: bytes, form: str = "jpeg") -> dict:
        """A picture that a record may name."""
        sent = self._sign | {"Content-Type": f"image/{form}"}
        url = f"{self.server}/xrpc/com.atproto.repo.uploadBlob"
        return self.browser.post(url, data=data, headers=sent).json()["blob"]

    def app_password(self, name: str) -> str:
        """A password for an app, as the person makes it on the server's page."""
        url = f"{self.server}/xrpc/com.atproto.server.createAppPassword"
        return self.browser.post(url, json={"name": name}, headers=self._sign).json()["password"]

    def end_app_password(self, name: str) -> None:
        """Take it away again."""
        url = f"{self.server}/xrpc/com.atproto.server.revokeAppPassword"
        assert self.browser.post(url, json={"name": name}, headers=self._sign).ok

    def picture(self) -> bytes:
        """Return the bytes of the profile picture, as the public sees it."""
        asked = {"did": self.did, "cid": self.record()["avatar"]["ref"]["$link"]}
        return self.browser.get(
            f"{self.server}/xrpc/com.atproto.sync.getBlob", params=asked
        ).content

    def record(self) -> dict:
        """The profile record as anyone reads it."""
        asked = {"repo": self.did, "collection": PROFILE, "rkey": "self"}
        url = f"{self.server}/xrpc/com.atproto.repo.getRecord"
        return self.browser.get(url, params=asked).json()["value"]

    def come_back(self, url: str, *, yes: bool = True) -> dict[str, str]:
        """Sign in, give or refuse consent, and return the parameters of the callback."""
        page = self._send("GET", url, headers=NAVIGATING | {"Sec-Fetch-Site": "cross-site"})
        assert page.ok, page.text[:500]
        who = {"username": self.handle, "password": PASSWORD, "locale": "en", "remember": False}
        signed_in = self._call("sign-in", url, **who)
        token = {"Authorization": f"Bearer {signed_in.get('ephemeralToken')}"}
        said = {"sub": self.did} if yes else {}
        to = self._call("consent" if yes else "reject", url, headers=token, **said)["url"]
        within = NAVIGATING | {"Sec-Fetch-Site": "same-origin", "Referer": url}
        last = self._send("GET", to, headers=within, allow_redirects=False)
        return dict(parse_qsl(urlsplit(last.headers["Location"]).query))

    def _call(self, verb, page, *, headers=None, **told):
        site = {"Sec-Fetch-Site": "same-origin", "Origin": self.server, "Referer": page}
        proof = {"x-csrf-token": self.browser.cookies.get("csrf-token")}
        url = f"{self.server}{API}/{verb}"
        answer = self._send(
            "POST", url, json=told, headers=CALLING | site | proof | (headers or {})
        )
        assert answer.ok, answer.text
        return answer.json()

    def _send(self, method, url, **sent):
        answer = self.browser.request(method, url, **sent)
        for cookie in self.browser.cookies:
            cookie.secure = False  # real browsers send such cookies to http://localhost, too
        return answer
