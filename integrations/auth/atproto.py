"""atproto OAuth: from a handle to the person's own server, pushed request, proofs, a session.

Written from https://atproto.com/specs/oauth and https://atproto.com/specs/handle. Every address
here comes from somebody else, so all of them pass the door, which lets only public ones through;
who answered is verified at the end: the account that the token names must live on the server that
issued it.
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

RESOLVER: Final = "https://public.api.bsky.app"  # any will do: what it says is verified
ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS: Final = 60


@dataclass(frozen=True)
class Home:
    """Where an account lives and who lets us in there."""

    pds: str
    issuer: str
    metadata: Mapping[str, Any]
    did: str = ""


class AtprotoFlow(Flow[Atproto]):
    """The person says who they are; everything else is found."""

    def begin(self, state: str, hint: str = "") -> Begun:
        """A pushed authorization request (RFC 9126); the browser carries only its name."""
        home = self.home(hint.strip().removeprefix("@"))
        key, verifier = SigningKey.make(), secrets.token_urlsafe(48)
        asked = {
            "response_type": "code",
            "redirect_uri": self.app.redirect_uri,
            "scope": " ".join(self.auth.scopes),
            "state": state,
            "code_challenge": s256(verifier),
            "code_challenge_method": "S256",
            **({"login_hint": hint} if home.did else {}),
        }
        told = home.metadata
        pushed = self._post(
            told["pushed_authorization_request_endpoint"], home.issuer, DPoP(key), asked
        )
        query = {"client_id": self.app.client_id, "request_uri": pushed["request_uri"]}
        memory = {
            "did": home.did,
            "pds": home.pds,
            "issuer": home.issuer,
            "key": key.d,
            "verifier": verifier,
        }
        return Begun(f"{told['authorization_endpoint']}?{urlencode(query)}", memory)

    def finish(self, memory: Mapping[str, Any], answer: Mapping[str, str]) -> Tokens:
        """The code, exchanged; then who it is, verified from the account's own side."""
        check_issuer(answer, memory["issuer"], required=True)
        check_denied(answer, self.door.platform)
        if not answer.get("code"):
            raise StateMismatch("The platform sent no code back.")
        told = self.metadata(memory["issuer"])
        sent = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self.app.redirect_uri,
            "code_verifier": memory["verifier"],
        }
        proof = DPoP(SigningKey(memory["key"]))
        got = self._post(told["token_endpoint"], memory["issuer"], proof, sent)
        home = self._verified(got, memory)
        more = {
            "key": memory["key"],
            "did": home.did,
            "server": home.pds,
            "issuer": home.issuer,
            "token": told["token_endpoint"],
            "revoke": told.get("revocation_endpoint", ""),
        }
        return _tokens(got, more)

    def refresh(self, tokens: Tokens) -> Tokens:
        """A new pair: the old refresh token is spent, and using it twice ends the session."""
        more = tokens.more
        sent = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        got = self._post(more["token"], more["issuer"], DPoP(SigningKey(more["key"])), sent)
        if got.get("sub") != more["did"]:
            raise Unauthorized("The server renewed another account.", answer="invalid_grant")
        return tokens.renewed(_tokens(got, more))

    def revoke(self, tokens: Tokens) -> None:
        """RFC 7009."""
        more = tokens.more
        if more.get("revoke"):
            proof = DPoP(SigningKey(more["key"]))
            sent = {"token": tokens.refresh, **self._ourselves(more["issuer"])}
            self.door.call("POST", more["revoke"], data=sent, sign=proof)

    @property
    def revokes(self) -> bool:
        """Its servers say where."""
        return True

    def signer(self, tokens: Tokens) -> Signer:
        """The access token, bound to the session's key."""
        return DPoP(SigningKey(tokens.more["key"]), tokens.access)

    def home(self, told: str) -> Home:
        """From what the person typed: a handle, a DID, or a server."""
        if "://" in told or not told:
            return self._served_by((told or self.server).rstrip("/"))
        if told.startswith("did:"):
            return self._home_of(told)
        did = self.did_of(told)
        return self._home_of(did, handle=told) if did else self._served_by(f"https://{told}")

    def metadata(self, issuer: str) -> Mapping[str, Any]:
        """What an authorization server says of itself (RFC 8414); it must name itself."""
        told = self.door.call("GET", f"{issuer}/.well-known/oauth-authorization-server").json()
        if told.get("issuer") != issuer or not told.get("require_pushed_authorization_requests"):
            raise Rejected(f"{urlsplit(issuer).hostname} is no authorization server of this kind.")
        return told

    def _home_of(self, did: str, handle: str = "") -> Home:
        home = self._served_by(self.pds_of(did, handle))
        return Home(home.pds, home.issuer, home.metadata, did)

    def pds_of(self, did: str, handle: str = "") -> str:
        """The server an account lives on, as its document says; its handle has to fit."""
        document = self._document(did)
        if handle and f"at://{handle.lower()}" not in document.get("alsoKnownAs", []):
            raise Rejected(f"'{handle}' is not what its account says.")
        services = document.get("service", [])
        pds = next((s["serviceEndpoint"] for s in services if s["id"].endswith("#atproto_pds")), "")
        return pds.rstrip("/")

    def _served_by(self, pds: str) -> Home:
        told = self.door.call("GET", f"{pds}/.well-known/oauth-protected-resource").json()
        issuers = told.get("authorization_servers") or [""]
        return Home(pds, issuers[0], self.metadata(issuers[0]))

    def did_of(self, handle: str) -> str:
        """The DID that a handle names: its own server's word, else a public resolver's."""
        at = (
            f"https://{handle}/.well-known/atproto-did",
            f"{RESOLVER}/xrpc/com.atproto.identity.resolveHandle?handle={quote(handle)}",
        )
        for url in at:
            try:
                answer = self.door.call("GET", url)
            except PlatformError:
                continue  # this way is not there; the other may be
            text = answer.text.strip()
            did = answer.json().get("did", "") if text.startswith("{") else text
            if did.startswith("did:"):
                return did
        return ""

    def _document(self, did: str) -> Mapping[str, Any]:
        """The DID document; https://atproto.com/specs/did"""
        method, _, rest = did.removeprefix("did:").partition(":")
        if method == "plc":
            url = f"{self.app.directory}/{quote(did)}"
        elif method == "web" and ":" not in rest:
            url = f"https://{rest}/.well-known/did.json"
        else:
            raise Rejected("This kind of account identifier is not known.")
        told = self.door.call("GET", url).json()
        if told.get("id") != did:
            raise Rejected("The account's document is another one's.")
        return told

    def _verified(self, got: Mapping[str, Any], memory: Mapping[str, Any]) -> Home:
        """The account the token names, if it lives where the token came from."""
        did = str(got.get("sub", ""))
        if memory["did"] and did != memory["did"]:
            raise StateMismatch("You signed in as another account than the one you named.")
        home = self._home_of(did)
        if home.issuer != memory["issuer"]:
            raise StateMismatch("This account lives on another server than the one that answered.")
        if "atproto" not in str(got.get("scope", "")).split():
            raise Rejected(
                "The server did not let us in.", advice="Say yes to what Facet asks for."
            )
        return home

    def _post(
        self, url: str, issuer: str, proof: DPoP, sent: Mapping[str, str]
    ) -> Mapping[str, Any]:
        data = {**sent, **self._ourselves(issuer)}
        return self.door.call("POST", url, data=data, sign=proof).json()

    def _ourselves(self, issuer: str) -> dict[str, str]:
        """A public client says its name; a confidential one proves it (RFC 7523)."""
        told = {"client_id": self.app.client_id}
        if not self.app.signing:
            return told
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
        return {**told, "client_assertion_type": ASSERTION, "client_assertion": assertion}


def _tokens(got: Mapping[str, Any], more: Mapping[str, Any]) -> Tokens:
    return Tokens(
        access=got["access_token"],
        refresh=got.get("refresh_token", ""),
        expires_in=float(got.get("expires_in", 0)) or None,
        scope=got.get("scope", ""),
        more=more,
    )
