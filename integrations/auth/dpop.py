"""Proof of possession: every call is signed with a key of the session (RFC 9449).

Servers hand out nonces, each its own: an answer that asks for one is followed by the same call with
it, once.
"""

import secrets
import time
from typing import Any
from urllib.parse import urlsplit

from integrations.outbound.client import Signer
from integrations.vault import SigningKey, s256


class DPoP(Signer):
    """Signs with a key, and with an access token if there is one."""

    def __init__(self, key: SigningKey, access: str = "") -> None:
        self.key = key
        self.access = access
        self.nonces: dict[str, str] = {}  # by server: they differ

    def __call__(self, request: Any) -> Any:
        if self.access:
            request.headers["Authorization"] = f"DPoP {self.access}"
        request.headers["DPoP"] = self.proof(request.method, request.url)
        request.register_hook("response", self._again)
        return request

    def proof(self, method: str, url: str) -> str:
        """The proof for one call."""
        parts = urlsplit(url)
        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": f"{parts.scheme}://{parts.netloc}{parts.path}",
            "iat": int(time.time()),
        }
        if nonce := self.nonces.get(parts.netloc):
            claims["nonce"] = nonce
        if self.access:
            claims["ath"] = s256(self.access)
        return self.key.sign({"typ": "dpop+jwt", "jwk": self.key.public}, claims)

    def _again(self, response: Any, **options: Any) -> Any:
        server = urlsplit(response.request.url).netloc
        before, nonce = self.nonces.get(server), response.headers.get("DPoP-Nonce")
        if nonce:
            self.nonces[server] = nonce
        asked = response.headers.get("WWW-Authenticate", "") + response.text[:500]
        if response.status_code not in (400, 401) or "use_dpop_nonce" not in asked:
            return response
        if not nonce or nonce == before:
            return response
        request = response.request.copy()
        request.headers["DPoP"] = self.proof(request.method, request.url)
        again = response.connection.send(request, **options)
        if fresh := again.headers.get("DPoP-Nonce"):
            self.nonces[server] = fresh
        again.history.append(response)
        again.request = request
        return again
