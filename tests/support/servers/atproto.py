"""An account on a Bluesky server, and its sign-in and consent without a browser.

The consent pages are rendered by JavaScript over a small HTTP API, which is called here directly.
"""

from urllib.parse import parse_qsl, urlsplit

from integrations.outbound.client import OutboundClient

API = "/@atproto/oauth-provider/~api"
NAVIGATING = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
CALLING = {"Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "empty"}
PASSWORD = "hunter2hunter2"
PROFILE = "app.bsky.actor.profile"


class BlueskyPerson:
    """An account on a server of tests, with a password session of its own."""

    def __init__(self, server: str, name: str) -> None:
        self.server, self.handle = server, f"{name}.test"
        self.browser = OutboundClient(None, allow_loopback=True).make_session()
        account = {"handle": self.handle, "email": f"{name}@test.com", "password": PASSWORD}
        response = self.browser.post(
            f"{server}/xrpc/com.atproto.server.createAccount", json=account
        )
        assert response.ok, response.text
        self.did = response.json()["did"]
        self._sign = {"Authorization": f"Bearer {response.json()['accessJwt']}"}

    def write_profile(self, **record) -> None:
        """Write the profile record, as another app would."""
        payload = {"repo": self.did, "collection": PROFILE, "rkey": "self"}
        payload["record"] = {"$type": PROFILE, **record}
        url = f"{self.server}/xrpc/com.atproto.repo.putRecord"
        response = self.browser.post(url, json=payload, headers=self._sign)
        assert response.ok, response.text

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

    def fetch_picture(self) -> bytes:
        """Return the bytes of the profile picture, as the public sees it."""
        query = {"did": self.did, "cid": self.fetch_record()["avatar"]["ref"]["$link"]}
        return self.browser.get(
            f"{self.server}/xrpc/com.atproto.sync.getBlob", params=query
        ).content

    def fetch_record(self) -> dict:
        """The profile record as anyone reads it."""
        query = {"repo": self.did, "collection": PROFILE, "rkey": "self"}
        url = f"{self.server}/xrpc/com.atproto.repo.getRecord"
        return self.browser.get(url, params=query).json()["value"]

    def sign_in_and_consent(self, url: str, *, consents: bool = True) -> dict[str, str]:
        """Sign in, give or refuse consent, and return the parameters of the callback."""
        page = self._send("GET", url, headers=NAVIGATING | {"Sec-Fetch-Site": "cross-site"})
        assert page.ok, page.text[:500]
        credentials = {
            "username": self.handle,
            "password": PASSWORD,
            "locale": "en",
            "remember": False,
        }
        signed_in = self._call("sign-in", url, **credentials)
        token = {"Authorization": f"Bearer {signed_in.get('ephemeralToken')}"}
        consent = {"sub": self.did} if consents else {}
        next_url = self._call("consent" if consents else "reject", url, headers=token, **consent)[
            "url"
        ]
        same_origin_headers = NAVIGATING | {"Sec-Fetch-Site": "same-origin", "Referer": url}
        redirect = self._send("GET", next_url, headers=same_origin_headers, allow_redirects=False)
        return dict(parse_qsl(urlsplit(redirect.headers["Location"]).query))

    def _call(self, verb, page, *, headers=None, **payload):
        site = {"Sec-Fetch-Site": "same-origin", "Origin": self.server, "Referer": page}
        proof = {"x-csrf-token": self.browser.cookies.get("csrf-token")}
        url = f"{self.server}{API}/{verb}"
        answer = self._send(
            "POST", url, json=payload, headers=CALLING | site | proof | (headers or {})
        )
        assert answer.ok, answer.text
        return answer.json()

    def _send(self, method, url, **sent):
        answer = self.browser.request(method, url, **sent)
        for cookie in self.browser.cookies:
            cookie.secure = False  # real browsers send such cookies to http://localhost, too
        return answer
