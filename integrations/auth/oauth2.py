"""OAuth 2: authorization code with PKCE, refresh, revocation (RFC 6749, 7636, 7009).

The sessions are those of requests-oauthlib. A compliance hook checks every response of a token
endpoint before the library reads it, so that an error there becomes a PlatformError as anywhere.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import quote_plus, urlsplit

from oauthlib.oauth2 import OAuth2Error, WebApplicationClient
from requests_oauthlib import OAuth2Session

from integrations.auth.flow import (
    SignInFlow,
    SignInStart,
    StateMismatch,
    Tokens,
    bearer_auth,
    raise_if_denied,
    require_issuer,
)
from integrations.errors import Rejected, Uncertain
from integrations.outbound.client import TRANSPORT_ERRORS, Signer, basic_auth
from integrations.platforms.base import OAuth2

# Characters of a code verifier; RFC 7636 (4.1) allows 43 to 128.
VERIFIER_LENGTH: Final = 64
TokenHook = Literal["access_token_response", "refresh_token_response"]


class OAuth2Flow(SignInFlow[OAuth2]):
    """The person allows access on the platform's page and comes back with a code."""

    def begin_sign_in(self, state: str, hint: str = "") -> SignInStart:
        """Return the authorization URL, with the challenge of a verifier that is saved."""
        parameters: dict[str, str] = {"state": state, **self.auth.extra}
        saved_state = {}
        if self.auth.pkce:
            client = WebApplicationClient(self.app.client_id)
            saved_state["verifier"] = client.create_code_verifier(VERIFIER_LENGTH)
            parameters["code_challenge"] = client.create_code_challenge(
                saved_state["verifier"], "S256"
            )
            parameters["code_challenge_method"] = "S256"
        parameters |= self._scope_parameters()
        session = OAuth2Session(
            self.app.client_id,
            redirect_uri=self.app.redirect_uri,
            scope=parameters.pop("scope", None),
        )
        url, _ = session.authorization_url(self.fill_in_server(self.auth.authorize), **parameters)
        return SignInStart(url, saved_state)

    def finish_sign_in(self, saved_state: Mapping[str, Any], callback: Mapping[str, str]) -> Tokens:
        """Exchange the code at the token endpoint."""
        raise_if_denied(callback, self.outbound.platform)
        require_issuer(
            callback, self.auth.issuer or _origin_of(self.fill_in_server(self.auth.authorize))
        )
        if not callback.get("code"):
            raise StateMismatch("The platform sent no code back.")
        proof = {"code_verifier": saved_state["verifier"]} if "verifier" in saved_state else {}
        client_id = {} if self.auth.basic else {"include_client_id": True}
        return self._exchange(
            "fetch_token",
            "access_token_response",
            code=callback["code"],
            **client_id,
            **proof,
            **self._client_authentication(),
        )

    def refresh_tokens(self, tokens: Tokens) -> Tokens:
        """Return a new access token, and a new refresh token if the server rotates them."""
        client_id = {} if self.auth.basic else {"client_id": self.app.client_id}
        fresh = self._exchange(
            "refresh_token",
            "refresh_token_response",
            refresh_token=tokens.refresh,
            **client_id,
            **self._client_authentication(),
        )
        return tokens.renewed(fresh)

    def revoke_tokens(self, tokens: Tokens) -> None:
        """Revoke the grant (RFC 7009)."""
        if self.auth.revoke:
            credentials = self._client_authentication()
            sign = credentials.pop("auth", None)
            token = tokens.access if self.auth.ends_by == "access" else tokens.refresh
            form = {"token": token or tokens.access, "client_id": self.app.client_id}
            url = self.fill_in_server(self.auth.revoke)
            self.outbound.send_request("POST", url, data=form | credentials, sign=sign)

    def make_signer(self, tokens: Tokens) -> Signer:
        """Sign with the access token as a bearer token."""
        return bearer_auth(tokens.access)

    def _scope_parameters(self) -> dict[str, str]:
        name, scopes = self.auth.scope_name, self.auth.scopes
        if name.endswith("[]"):
            return {f"{name[:-2]}[{index}]": scope for index, scope in enumerate(scopes)}
        return {name: self.auth.separator.join(scopes)} if name and scopes else {}

    def _exchange(self, method_name: str, hook: TokenHook, **options: Any) -> Tokens:
        """Call a method of `OAuth2Session`; `hook` names the hook for its response."""
        url = self.fill_in_server(self.auth.token)
        self.outbound.check_allowed(url)
        session = OAuth2Session(self.app.client_id, redirect_uri=self.app.redirect_uri)
        with self.outbound.make_session(session):
            session.register_compliance_hook(hook, self._check_token_response)
            try:
                response = getattr(session, method_name)(url, **options)
            except TRANSPORT_ERRORS as error:
                raise self.outbound.make_connection_error(error, "POST", f"POST {url}") from None
            except (OAuth2Error, ValueError) as error:
                error_class = Uncertain if method_name == "refresh_token" else Rejected
                raise error_class(f"{self.outbound.platform}: {type(error).__name__}") from None
        return _parse_tokens(response)

    def _check_token_response(self, response: Any) -> Any:
        self.outbound.check_response(response, "POST")
        return response

    def _client_authentication(self) -> dict[str, Any]:
        """Return the arguments by which a session authenticates the client (RFC 6749, 2.3.1)."""
        app = self.app
        if self.auth.basic:  # both are form-encoded before they become a header
            return {"auth": basic_auth(quote_plus(app.client_id), quote_plus(app.client_secret))}
        return {"client_secret": app.client_secret} if app.client_secret else {}


def _parse_tokens(response: Mapping[str, Any]) -> Tokens:
    scope = response.get("scope") or ""
    expires_in = response.get("expires_in")
    return Tokens(
        access=response["access_token"],
        refresh=response.get("refresh_token") or "",
        expires_in=float(expires_in) if expires_in else None,
        scope=scope if isinstance(scope, str) else " ".join(scope),
    )


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
