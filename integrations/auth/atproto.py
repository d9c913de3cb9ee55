"""OAuth of atproto: handle resolution, pushed authorization request, DPoP.

See https://atproto.com/specs/oauth and https://atproto.com/specs/handle. Every URL here comes from
another server, so the outbound client lets only public addresses pass. At the end the account is
verified: the one that the token names must be hosted on a server that names the issuer.
"""

import re
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from integrations.auth.dpop import DPoPSigner
from integrations.auth.flow import (
    SignInFlow,
    SignInStart,
    StateMismatch,
    Tokens,
    parse_lifetime,
    raise_if_denied,
    require_issuer,
)
from integrations.errors import PlatformError, Rejected, Unauthorized
from integrations.outbound.client import Signer
from integrations.outbound.hosts import origin_of
from integrations.outbound.responses import expect_documented_shape
from integrations.outbound.typed_addresses import parse_handle
from integrations.platforms.base import AtprotoOAuth
from integrations.vault import SigningKey, encode_base64url, hash_s256

# Any resolver will do: its answers are verified.
HANDLE_RESOLVER_URL: Final = "https://public.api.bsky.app"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS: Final = 60
_DID: Final = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,200}")  # https://atproto.com/specs/did


@dataclass(frozen=True)
class AccountHost:
    """The server that hosts an account, and the authorization server it names."""

    pds: str  # base URL of the personal data server
    issuer: str  # base URL of the authorization server
    metadata: Mapping[str, Any]  # of the authorization server (RFC 8414)
    did: str = ""  # the account; "" if only a server was named


class AtprotoFlow(SignInFlow[AtprotoOAuth]):
    """The person names their handle, from which the servers are found."""

    def begin_sign_in(self, state: str, hint: str = "") -> SignInStart:
        """Push the authorization request (RFC 9126); the URL only carries its `request_uri`."""
        hint = parse_handle(hint)
        account_host = self.find_account_host(hint)
        key, verifier = SigningKey.generate(), secrets.token_urlsafe(48)
        request = {
            "response_type": "code",
            "redirect_uri": self.app.redirect_uri,
            "scope": " ".join(self.auth.scopes),
            "state": state,
            "code_challenge": hash_s256(verifier),
            "code_challenge_method": "S256",
            **({"login_hint": hint} if account_host.did else {}),
        }
        metadata = account_host.metadata
        endpoint = metadata["pushed_authorization_request_endpoint"]
        pushed = self._post_form(endpoint, account_host.issuer, DPoPSigner(key), request)
        query = {"client_id": self.app.client_id, "request_uri": pushed["request_uri"]}
        saved_state = {
            "did": account_host.did,
            "pds": account_host.pds,
            "issuer": account_host.issuer,
            "key": key.private_number,
            "verifier": verifier,
        }
        return SignInStart(f"{metadata['authorization_endpoint']}?{urlencode(query)}", saved_state)

    def finish_sign_in(self, saved_state: Mapping[str, Any], callback: Mapping[str, str]) -> Tokens:
        """Exchange the code, then verify that the account's own server names the issuer."""
        require_issuer(callback, saved_state["issuer"], required=True)
        raise_if_denied(callback, self.outbound.platform)
        if not callback.get("code"):
            raise StateMismatch("The platform sent no code back.")
        metadata = self.read_server_metadata(saved_state["issuer"])
        form = {
            "grant_type": "authorization_code",
            "code": callback["code"],
            "redirect_uri": self.app.redirect_uri,
            "code_verifier": saved_state["verifier"],
        }
        proof = DPoPSigner(SigningKey(saved_state["key"]))
        response = self._post_form(metadata["token_endpoint"], saved_state["issuer"], proof, form)
        more = {
            "key": saved_state["key"],
            "issuer": saved_state["issuer"],
            "token": metadata["token_endpoint"],
            "revoke": metadata.get("revocation_endpoint", ""),
        }
        tokens = _parse_tokens(response, more)
        try:
            account_host = self._verify_account(response, saved_state)
        except PlatformError:
            with suppress(PlatformError):  # nobody would use the tokens
                self.revoke_tokens(tokens)
            raise
        return replace(tokens, more={**more, "did": account_host.did, "server": account_host.pds})

    def refresh_tokens(self, tokens: Tokens) -> Tokens:
        """Return new tokens; using the old refresh token again would end the session."""
        more = tokens.more
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        proof = DPoPSigner(SigningKey(more["key"]))
        response = self._post_form(more["token"], more["issuer"], proof, form)
        if response.get("sub") != more["did"]:
            raise Unauthorized("The server renewed another account.", answer="invalid_grant")
        return tokens.renewed(_parse_tokens(response, more))

    def revoke_tokens(self, tokens: Tokens) -> None:
        """Revoke the refresh token (RFC 7009), if the server has an endpoint for it."""
        more = tokens.more
        if more.get("revoke"):
            proof = DPoPSigner(SigningKey(more["key"]))
            form = {
                "token": tokens.refresh or tokens.access,
                **self._client_authentication(more["issuer"]),
            }
            self.outbound.send_request("POST", more["revoke"], data=form, sign=proof)

    def find_moved_server(self, tokens: Tokens) -> Tokens | None:
        """Read from the DID document where the account is hosted now.

        Its tokens stay valid if the same authorization server answers for the new host.
        """
        pds = self.find_pds(tokens.more["did"])
        if pds in ("", tokens.more["server"]):
            return None
        if not self.uses_redirect or self._read_server(pds).issuer != tokens.more["issuer"]:
            raise Unauthorized(f"The account has moved to {urlsplit(pds).hostname}.")
        return replace(tokens, more={**tokens.more, "server": pds})

    @property
    def can_revoke(self) -> bool:
        """Return True: the server metadata names the endpoint."""
        return True

    def make_signer(self, tokens: Tokens) -> Signer:
        """Sign with the access token and a proof by the session's key."""
        return DPoPSigner(SigningKey(tokens.more["key"]), tokens.access)

    def find_account_host(self, hint: str) -> AccountHost:
        """Find the servers for what a person typed: a handle, a DID, or a server."""
        if "://" in hint or not hint:
            return self._read_server(origin_of(hint or self.server))
        if hint.startswith("did:"):
            return self._find_server_of(hint)
        did = self.resolve_handle(hint)
        if did:
            return self._find_server_of(did, handle=hint)
        return self._read_server(f"https://{hint}")

    def read_server_metadata(self, issuer: str) -> Mapping[str, Any]:
        """Read the metadata of an authorization server (RFC 8414), which must name itself."""
        metadata = self.outbound.send_request(
            "GET", f"{issuer}/.well-known/oauth-authorization-server"
        ).json()
        requires_push = metadata.get("require_pushed_authorization_requests")
        if metadata.get("issuer") != issuer or not requires_push:
            raise Rejected(f"{urlsplit(issuer).hostname} is no authorization server of this kind.")
        return metadata

    def _find_server_of(self, did: str, handle: str = "") -> AccountHost:
        account_host = self._read_server(self.find_pds(did, handle))
        return AccountHost(account_host.pds, account_host.issuer, account_host.metadata, did)

    def find_pds(self, did: str, handle: str = "") -> str:
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

    def _read_server(self, pds: str) -> AccountHost:
        """Read which authorization server a PDS names (RFC 9728)."""
        resource = self.outbound.send_request(
            "GET", f"{pds}/.well-known/oauth-protected-resource"
        ).json()
        issuers = resource.get("authorization_servers") or [""]
        return AccountHost(pds, issuers[0], self.read_server_metadata(issuers[0]))

    def resolve_handle(self, handle: str) -> str:
        """Resolve a handle to a DID over HTTPS or by a public resolver; "" if neither knows it."""
        urls = (
            f"https://{handle}/.well-known/atproto-did",
            f"{HANDLE_RESOLVER_URL}/xrpc/com.atproto.identity.resolveHandle?handle={quote(handle)}",
        )
        for url in urls:
            with suppress(PlatformError):  # the other method may work
                did = self._read_did(url)
                if _DID.fullmatch(did):
                    return did
        return ""

    def _read_did(self, url: str) -> str:
        """Return the DID that a text or JSON document gives; "" if it gives none."""
        with expect_documented_shape(self.outbound.unexpected_response_error):
            response = self.outbound.send_request("GET", url)
            text = response.text.strip()
            return str(response.json()["did"]) if text.startswith("{") else text

    def _read_did_document(self, did: str) -> Mapping[str, Any]:
        """Read a DID document: https://atproto.com/specs/did"""
        method, _, rest = did.removeprefix("did:").partition(":")
        if method == "plc":
            url = f"{self.app.plc_directory}/{quote(did)}"
        elif method == "web" and ":" not in rest:
            url = f"https://{rest}/.well-known/did.json"
        else:
            raise Rejected("This kind of account identifier is not known.")
        document = self.outbound.send_request("GET", url).json()
        if document.get("id") != did:
            raise Rejected("The account's document is another one's.")
        return document

    def _verify_account(
        self, response: Mapping[str, Any], saved_state: Mapping[str, Any]
    ) -> AccountHost:
        """Return the server of the account that a token names; StateMismatch if it is another."""
        did = str(response.get("sub", ""))
        if saved_state["did"] and did != saved_state["did"]:
            raise StateMismatch("You signed in as another account than the one you named.")
        account_host = self._find_server_of(did)
        if account_host.issuer != saved_state["issuer"]:
            raise StateMismatch("This account lives on another server than the one that answered.")
        if "atproto" not in str(response.get("scope", "")).split():
            raise Rejected("The server did not let us in.", advice="Allow what Facet asks for.")
        return account_host

    def _post_form(
        self, url: str, issuer: str, proof: DPoPSigner, form: Mapping[str, str]
    ) -> Mapping[str, Any]:
        data = {**form, **self._client_authentication(issuer)}
        return self.outbound.send_request("POST", url, data=data, sign=proof).json()

    def _client_authentication(self, issuer: str) -> dict[str, str]:
        """Return the client ID, with a signed assertion if confidential (RFC 7523, 2.2)."""
        parameters = {"client_id": self.app.client_id}
        if not self.app.signing_key:
            return parameters
        key, now = SigningKey(self.app.signing_key), int(time.time())
        claims = {
            "iss": self.app.client_id,
            "sub": self.app.client_id,
            "aud": issuer,
            "jti": encode_base64url(secrets.token_bytes(16)),
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        }
        assertion = key.sign_jwt({"kid": key.thumbprint}, claims)
        return {
            **parameters,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }


def _parse_tokens(response: Mapping[str, Any], more: Mapping[str, Any]) -> Tokens:
    return Tokens(
        access=response["access_token"],
        refresh=response.get("refresh_token") or "",
        expires_in=parse_lifetime(response.get("expires_in")),
        scope=str(response.get("scope") or ""),
        more=more,
    )
