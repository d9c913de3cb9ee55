"""OAuth of atproto: handle resolution, pushed authorization request, DPoP.

See https://atproto.com/specs/oauth and https://atproto.com/specs/handle. Every URL here comes from
another server, so the outbound client lets only public addresses pass. At the end the account is
verified: the one that the token names must be hosted on a server that names the issuer.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from integrations.auth.dpop import DPoP
from integrations.auth.flow import Begun, Flow, StateMismatch, Tokens, check_denied, check_issuer
from integrations.errors import PlatformError, Rejected, Unauthorized
from integrations.outbound.client import Signer
from integrations.platforms.base import Atproto
from integrations.vault import SigningKey, b64url, s256

RESOLVER: Final = "https://public.api.bsky.app"  # any resolver will do: its answers are verified
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS: Final = 60


@dataclass(frozen=True)
class Home:
    """The server that hosts an account, and the authorization server it names."""

    pds: str  # base URL of the personal data server
    issuer: str  # base URL of the authorization server
    metadata: Mapping[str, Any]  # of the authorization server (RFC 8414)
    did: str = ""  # the account; "" if only a server was named


class AtprotoFlow(Flow[Atproto]):
    """The person names their handle, from which the servers are found."""

    def begin(self, state: str, hint: str = "") -> Begun:
        """Push the authorization request (RFC 9126); the URL only carries its `request_uri`."""
        home = self.home(hint.strip().removeprefix("@"))
        key, verifier = SigningKey.make(), secrets.token_urlsafe(48)
        request = {
            "response_type": "code",
            "redirect_uri": self.app.redirect_uri,
            "scope": " ".join(self.auth.scopes),
            "state": state,
            "code_challenge": s256(verifier),
            "code_challenge_method": "S256",
            **({"login_hint": hint} if home.did else {}),
        }
        metadata = home.metadata
        endpoint = metadata["pushed_authorization_request_endpoint"]
        pushed = self._post_form(endpoint, home.issuer, DPoP(key), request)
        query = {"client_id": self.app.client_id, "request_uri": pushed["request_uri"]}
        memory = {
            "did": home.did,
            "pds": home.pds,
            "issuer": home.issuer,
            "key": key.d,
            "verifier": verifier,
        }
        return Begun(f"{metadata['authorization_endpoint']}?{urlencode(query)}", memory)

    def finish(self, memory: Mapping[str, Any], callback: Mapping[str, str]) -> Tokens:
        """Exchange the code, then verify that the account's own server names the issuer."""
        check_issuer(callback, memory["issuer"], required=True)
        check_denied(callback, self.door.platform)
        if not callback.get("code"):
            raise StateMismatch("The platform sent no code back.")
        metadata = self.metadata(memory["issuer"])
        form = {
            "grant_type": "authorization_code",
            "code": callback["code"],
            "redirect_uri": self.app.redirect_uri,
            "code_verifier": memory["verifier"],
        }
        proof = DPoP(SigningKey(memory["key"]))
        response = self._post_form(metadata["token_endpoint"], memory["issuer"], proof, form)
        home = self._verify_account(response, memory)
        more = {
            "key": memory["key"],
            "did": home.did,
            "server": home.pds,
            "issuer": home.issuer,
            "token": metadata["token_endpoint"],
            "revoke": metadata.get("revocation_endpoint", ""),
        }
        return _parse_tokens(response, more)

    def refresh(self, tokens: Tokens) -> Tokens:
        """Return new tokens; using the old refresh token again would end the session."""
        more = tokens.more
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        proof = DPoP(SigningKey(more["key"]))
        response = self._post_form(more["token"], more["issuer"], proof, form)
        if response.get("sub") != more["did"]:
            raise Unauthorized("The server renewed another account.", answer="invalid_grant")
        return tokens.renewed(_parse_tokens(response, more))

    def revoke(self, tokens: Tokens) -> None:
        """Revoke the refresh token (RFC 7009), if the server has an endpoint for it."""
        more = tokens.more
        if more.get("revoke"):
            proof = DPoP(SigningKey(more["key"]))
            form = {"token": tokens.refresh, **self._client_authentication(more["issuer"])}
            self.door.call("POST", more["revoke"], data=form, sign=proof)

    @property
    def revokes(self) -> bool:
        """Return True: the server metadata names the endpoint."""
        return True

    def signer(self, tokens: Tokens) -> Signer:
        """Sign with the access token and a proof by the session's key."""
        return DPoP(SigningKey(tokens.more["key"]), tokens.access)

    def home(self, hint: str) -> Home:
        """Find the servers for what a person typed: a handle, a DID, or a server."""
        if "://" in hint or not hint:
            return self._read_server((hint or self.server).rstrip("/"))
        if hint.startswith("did:"):
            return self._find_server_of(hint)
        did = self.did_of(hint)
        if did:
            return self._find_server_of(did, handle=hint)
        return self._read_server(f"https://{hint}")

    def metadata(self, issuer: str) -> Mapping[str, Any]:
        """Read the metadata of an authorization server (RFC 8414), which must name itself."""
        metadata = self.door.call("GET", f"{issuer}/.well-known/oauth-authorization-server").json()
        requires_push = metadata.get("require_pushed_authorization_requests")
        if metadata.get("issuer") != issuer or not requires_push:
            raise Rejected(f"{urlsplit(issuer).hostname} is no authorization server of this kind.")
        return metadata

    def _find_server_of(self, did: str, handle: str = "") -> Home:
        home = self._read_server(self.pds_of(did, handle))
        return Home(home.pds, home.issuer, home.metadata, did)

    def pds_of(self, did: str, handle: str = "") -> str:
        """Return the server that a DID document names; Rejected if it denies the handle."""
        document = self._read_did_document(did)
        if handle and f"at://{handle.lower()}" not in document.get("alsoKnownAs", []):
            raise Rejected(f"'{handle}' is not what its account says.")
        services = document.get("service", [])
        endpoints = (
            service["serviceEndpoint"]
            for service in services
            if service["id"].endswith("#atproto_pds")
        )
        return next(endpoints, "").rstrip("/")

    def _read_server(self, pds: str) -> Home:
        """Read which authorization server a PDS names (RFC 9728)."""
        resource = self.door.call("GET", f"{pds}/.well-known/oauth-protected-resource").json()
        issuers = resource.get("authorization_servers") or [""]
        return Home(pds, issuers[0], self.metadata(issuers[0]))

    def did_of(self, handle: str) -> str:
        """Resolve a handle to a DID over HTTPS or by a public resolver; "" if neither knows it."""
        urls = (
            f"https://{handle}/.well-known/atproto-did",
            f"{RESOLVER}/xrpc/com.atproto.identity.resolveHandle?handle={quote(handle)}",
        )
        for url in urls:
            try:
                response = self.door.call("GET", url)
            except PlatformError:
                continue  # the other method may work
            text = response.text.strip()
            did = response.json().get("did", "") if text.startswith("{") else text
            if did.startswith("did:"):
                return did
        return ""

    def _read_did_document(self, did: str) -> Mapping[str, Any]:
        """Read a DID document: https://atproto.com/specs/did"""
        method, _, rest = did.removeprefix("did:").partition(":")
        if method == "plc":
            url = f"{self.app.directory}/{quote(did)}"
        elif method == "web" and ":" not in rest:
            url = f"https://{rest}/.well-known/did.json"
        else:
            raise Rejected("This kind of account identifier is not known.")
        document = self.door.call("GET", url).json()
        if document.get("id") != did:
            raise Rejected("The account's document is another one's.")
        return document

    def _verify_account(self, response: Mapping[str, Any], memory: Mapping[str, Any]) -> Home:
        """Return the server of the account that a token names; StateMismatch if it is another."""
        did = str(response.get("sub", ""))
        if memory["did"] and did != memory["did"]:
            raise StateMismatch("You signed in as another account than the one you named.")
        home = self._find_server_of(did)
        if home.issuer != memory["issuer"]:
            raise StateMismatch("This account lives on another server than the one that answered.")
        if "atproto" not in str(response.get("scope", "")).split():
            raise Rejected(
                "The server did not let us in.", advice="Say yes to what Facet asks for."
            )
        return home

    def _post_form(
        self, url: str, issuer: str, proof: DPoP, form: Mapping[str, str]
    ) -> Mapping[str, Any]:
        data = {**form, **self._client_authentication(issuer)}
        return self.door.call("POST", url, data=data, sign=proof).json()

    def _client_authentication(self, issuer: str) -> dict[str, str]:
        """Return the client ID, with a signed assertion if confidential (RFC 7523, 2.2)."""
        parameters = {"client_id": self.app.client_id}
        if not self.app.signing:
            return parameters
        key, now = SigningKey(self.app.signing), int(time.time())
        claims = {
            "iss": self.app.client_id,
            "sub": self.app.client_id,
            "aud": issuer,
            "jti": b64url(secrets.token_bytes(16)),
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        }
        assertion = key.sign({"kid": key.id}, claims)
        return {
            **parameters,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }


def _parse_tokens(response: Mapping[str, Any], more: Mapping[str, Any]) -> Tokens:
    return Tokens(
        access=response["access_token"],
        refresh=response.get("refresh_token", ""),
        expires_in=float(response.get("expires_in", 0)) or None,
        scope=response.get("scope", ""),
        more=more,
    )
