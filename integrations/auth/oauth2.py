"""OAuth 2: authorization code with PKCE, refresh, revocation (RFC 6749, 7636, 7009).

The sessions are requests-oauthlib's; every answer of a token endpoint passes the door's judge
before the library reads it, so that a refusal there is one of the five kinds as everywhere.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlsplit

from oauthlib.oauth2 import OAuth2Error, WebApplicationClient
from requests_oauthlib import OAuth2Session

from integrations.auth.flow import (
    Begun,
    Flow,
    StateMismatch,
    Tokens,
    bearer,
    check_denied,
    check_issuer,
)
from integrations.errors import Rejected, Uncertain
from integrations.outbound.client import FAILURES, Signer, basic
from integrations.platforms.base import OAuth2


class OAuth2Flow(Flow[OAuth2]):
    """The person says yes on the platform's page and comes back with a code."""

    def begin(self, state: str, hint: str = "") -> Begun:
        """The authorize page, with a challenge whose answer stays here."""
        asked: dict[str, str] = {"state": state, **self.auth.extra}
        memory = {}
        if self.auth.pkce:
            client = WebApplicationClient(self.app.client_id)
            memory["verifier"] = client.create_code_verifier(64)
            asked["code_challenge"] = client.create_code_challenge(memory["verifier"], "S256")
            asked["code_challenge_method"] = "S256"
        asked |= self._scopes()
        session = OAuth2Session(
            self.app.client_id, redirect_uri=self.app.redirect_uri, scope=asked.pop("scope", None)
        )
        url, _ = session.authorization_url(self.at(self.auth.authorize), **asked)
        return Begun(url, memory)

    def finish(self, memory: Mapping[str, Any], answer: Mapping[str, str]) -> Tokens:
        """The code, exchanged at the token endpoint."""
        check_denied(answer, self.door.platform)
        check_issuer(answer, self.auth.issuer or _origin(self.at(self.auth.authorize)))
        if not answer.get("code"):
            raise StateMismatch("The platform sent no code back.")
        proof = {"code_verifier": memory["verifier"]} if "verifier" in memory else {}
        named = {} if self.auth.basic else {"include_client_id": True}
        return self._exchange(
            "fetch_token",
            "access_token_response",
            code=answer["code"],
            **named,
            **proof,
            **self._ourselves(),
        )

    def refresh(self, tokens: Tokens) -> Tokens:
        """A new access token; a new refresh token where the server rotates them."""
        named = {} if self.auth.basic else {"client_id": self.app.client_id}
        got = self._exchange(
            "refresh_token",
            "refresh_token_response",
            refresh_token=tokens.refresh,
            **named,
            **self._ourselves(),
        )
        return tokens.renewed(got)

    def revoke(self, tokens: Tokens) -> None:
        """RFC 7009: an unknown token is as good as a revoked one."""
        if self.auth.revoke:
            told = self._ourselves()
            sign = told.pop("auth", None)
            token = tokens.access if self.auth.ends_by == "access" else tokens.refresh
            sent = {"token": token or tokens.access, "client_id": self.app.client_id}
            self.door.call("POST", self.at(self.auth.revoke), data=sent | told, sign=sign)

    def signer(self, tokens: Tokens) -> Signer:
        """A bearer token."""
        return bearer(tokens.access)

    def _scopes(self) -> dict[str, str]:
        name, scopes = self.auth.scope_name, self.auth.scopes
        if name.endswith("[]"):
            return {f"{name[:-2]}[{index}]": scope for index, scope in enumerate(scopes)}
        return {name: self.auth.separator.join(scopes)} if name and scopes else {}

    def _exchange(self, verb: str, hook: str, **sent: Any) -> Tokens:
        url = self.at(self.auth.token)
        self.door.check(url)
        with self.door.session(
            OAuth2Session(self.app.client_id, redirect_uri=self.app.redirect_uri)
        ) as session:
            session.register_compliance_hook(hook, self._judged)
            try:
                got = getattr(session, verb)(url, **sent)
            except FAILURES as error:
                raise self.door.failure(error, "POST", f"POST {url}") from None
            except (OAuth2Error, ValueError) as error:
                kind = Uncertain if verb == "refresh_token" else Rejected
                raise kind(f"{self.door.platform}: {type(error).__name__}") from None
        return _tokens(got)

    def _judged(self, response: Any) -> Any:
        self.door.judge(response, "POST")
        return response

    def _ourselves(self) -> dict[str, Any]:
        app = self.app
        if self.auth.basic:  # both are form-encoded before they become a header (RFC 6749, 2.3.1)
            return {"auth": basic(quote_plus(app.client_id), quote_plus(app.client_secret))}
        return {"client_secret": app.client_secret} if app.client_secret else {}


def _tokens(got: Mapping[str, Any]) -> Tokens:
    told = got.get("scope") or ""
    expires_in = got.get("expires_in")
    return Tokens(
        access=got["access_token"],
        refresh=got.get("refresh_token") or "",
        expires_in=float(expires_in) if expires_in else None,
        scope=told if isinstance(told, str) else " ".join(told),
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
