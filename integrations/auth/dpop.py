"""Demonstrating proof of possession (DPoP, RFC 9449): a session's key signs every call.

A server may require a nonce in the proof. Its response then carries the nonce, and the same request
is sent once more with it (RFC 9449, section 8).
"""

import secrets
import time
from typing import Any, Final
from urllib.parse import urlsplit

from integrations.outbound.client import Signer
from integrations.vault import SigningKey, hash_s256

# Bytes of a response in which the error code is looked for.
SEARCHED_TEXT: Final = 500


class DPoPSigner(Signer):
    """Signs with a key, bound to an access token if there is one."""

    def __init__(self, key: SigningKey, access_token: str = "") -> None:
        self.key = key
        self.access_token = access_token
        self.nonces: dict[str, str] = {}  # by host and port

    def __call__(self, request: Any) -> Any:
        if self.access_token:
            request.headers["Authorization"] = f"DPoP {self.access_token}"
        request.headers["DPoP"] = self.make_proof(request.method, request.url)
        request.register_hook("response", self._retry_with_nonce)
        return request

    def make_proof(self, method: str, url: str) -> str:
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
        if self.access_token:
            claims["ath"] = hash_s256(self.access_token)
        return self.key.sign_jwt({"typ": "dpop+jwt", "jwk": self.key.public_jwk}, claims)

    def _retry_with_nonce(self, response: Any, **options: Any) -> Any:
        server = urlsplit(response.request.url).netloc
        previous_nonce, nonce = self.nonces.get(server), response.headers.get("DPoP-Nonce")
        if nonce:
            self.nonces[server] = nonce
        body = response.content[:SEARCHED_TEXT].decode("utf-8", "replace")
        error = response.headers.get("WWW-Authenticate", "") + body
        if response.status_code not in (400, 401) or "use_dpop_nonce" not in error:
            return response
        if not nonce or nonce == previous_nonce:
            return response
        request = response.request.copy()
        request.headers["DPoP"] = self.make_proof(request.method, request.url)
        second_response = response.connection.send(request, **options)
        if next_nonce := second_response.headers.get("DPoP-Nonce"):
            self.nonces[server] = next_nonce
        second_response.history.append(response)
        second_response.request = request
        return second_response
