"""Demonstrating proof of possession (DPoP, RFC 9449): a session's key signs every call.

A server may require a nonce in the proof. Its response then carries the nonce, and the same request
is sent once more with it (RFC 9449, section 8).
"""

import secrets
import time
from typing import Any, Final
from urllib.parse import urlsplit

from integrations.outbound.client import Signer
from integrations.vault import SigningKey, s256

# Characters of a response in which the error code is looked for.
SEARCHED_TEXT: Final = 500


class DPoP(Signer):
    """Signs with a key, bound to an access token if there is one."""

    def __init__(self, key: SigningKey, access: str = "") -> None:
        self.key = key
        self.access = access
        self.nonces: dict[str, str] = {}  # by host and port

    def __call__(self, request: Any) -> Any:
        if self.access:
            request.headers["Authorization"] = f"DPoP {self.access}"
        request.headers["DPoP"] = self.proof(request.method, request.url)
        request.register_hook("response", self._retry_with_nonce)
        return request

    def proof(self, method: str, url: str) -> str:
        """Return the proof for one call, a signed JWT (RFC 9449, section 4.2)."""
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

    def _retry_with_nonce(self, response: Any, **options: Any) -> Any:
        server = urlsplit(response.request.url).netloc
        previous_nonce, nonce = self.nonces.get(server), response.headers.get("DPoP-Nonce")
        if nonce:
            self.nonces[server] = nonce
        error = response.headers.get("WWW-Authenticate", "") + response.text[:SEARCHED_TEXT]
        if response.status_code not in (400, 401) or "use_dpop_nonce" not in error:
            return response
        if not nonce or nonce == previous_nonce:
            return response
        request = response.request.copy()
        request.headers["DPoP"] = self.proof(request.method, request.url)
        second_response = response.connection.send(request, **options)
        if next_nonce := second_response.headers.get("DPoP-Nonce"):
            self.nonces[server] = next_nonce
        second_response.history.append(response)
        second_response.request = request
        return second_response
