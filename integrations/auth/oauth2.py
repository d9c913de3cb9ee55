"""OAuth 2: authorization code with PKCE, refresh, revocation (RFC 6749, 7636, 7009).

The library oauthlib makes the authorization URL. The token endpoint is called by the outbound
client, so that an error there becomes a PlatformError as anywhere.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote_plus

from oauthlib.oauth2 import WebApplicationClient

from integrations.auth.flow import (
    SignInFlow,
    SignInStart,
    StateMismatch,
    Tokens,
    bearer_auth,
    parse_lifetime,
    raise_if_denied,
    require_issuer,
)
from integrations.errors import Rejected, Unauthorized
from integrations.outbound.client import Signer, basic_auth
from integrations.outbound.hosts import check_url, origin_of
from integrations.outbound.responses import PlatformResponse, extract_message, is_token_error
from integrations.platforms.base import OAuth2

# Characters of a code verifier; RFC 7636 (4.1) allows 43 to 128.
VERIFIER_LENGTH: Final = 64


class OAuth2Flow(SignInFlow[OAuth2]):
    """The person allows access on the platform's page and comes back with a code."""

    def begin_sign_in(self, state: str, hint: str = "") -> SignInStart:
        """Return the authorization URL, with the challenge of a verifier that is saved."""
        parameters: dict[str, str] = {"state": state, **self.auth.extra}
        saved_state = {}
        client = WebApplicationClient(self.app.client_id)
        if self.auth.pkce:
            saved_state["verifier"] = client.create_code_verifier(VERIFIER_LENGTH)
            parameters["code_challenge"] = client.create_code_challenge(
                saved_state["verifier"], "S256"
            )
            parameters["code_challenge_method"] = "S256"
        parameters |= self._scope_parameters()
        endpoint = self.fill_in_server(self.auth.authorize)
        check_url(endpoint, allow_loopback=self.outbound.allow_loopback)
        url = client.prepare_request_uri(
            endpoint,
            redirect_uri=self.app.redirect_uri,
            **parameters,
        )
        return SignInStart(url, saved_state)

    def finish_sign_in(self, saved_state: Mapping[str, Any], callback: Mapping[str, str]) -> Tokens:
        """Exchange the code at the token endpoint."""
        raise_if_denied(callback, self.outbound.platform)
        require_issuer(
            callback, self.auth.issuer or origin_of(self.fill_in_server(self.auth.authorize))
        )
        if not callback.get("code"):
            raise StateMismatch("The platform sent no code back.")
        form = {
            "grant_type": "authorization_code",
            "code": callback["code"],
            "redirect_uri": self.app.redirect_uri,
        }
        if "verifier" in saved_state:
            form["code_verifier"] = saved_state["verifier"]
        return self._request_tokens(form)

    def refresh_tokens(self, tokens: Tokens) -> Tokens:
        """Return a new access token, and a new refresh token if the server rotates them."""
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        return tokens.renewed(self._request_tokens(form))

    def revoke_tokens(self, tokens: Tokens) -> None:
        """Revoke the grant (RFC 7009)."""
        if self.auth.revoke:
            token = tokens.access if self.auth.ends_by == "access" else tokens.refresh
            form = {"token": token or tokens.access, "client_id": self.app.client_id}
            self._post_form(self.auth.revoke, form)

    def make_signer(self, tokens: Tokens) -> Signer:
        """Sign with the access token as a bearer token."""
        return bearer_auth(tokens.access)

    def _scope_parameters(self) -> dict[str, str]:
        name, scopes = self.auth.scope_name, self.auth.scopes
        if name.endswith("[]"):
            return {f"{name[:-2]}[{index}]": scope for index, scope in enumerate(scopes)}
        return {name: self.auth.separator.join(scopes)} if name and scopes else {}

    def _request_tokens(self, form: dict[str, str]) -> Tokens:
        """Send a form to the token endpoint (RFC 6749, 4.1.3 and 6) and return its tokens."""
        client_id = {} if self.auth.basic else {"client_id": self.app.client_id}
        response = self._post_form(self.auth.token, {**form, **client_id})
        body = response.json()
        if "error" in body and "access_token" not in body:
            error_class = Unauthorized if is_token_error(response) else Rejected
            message = extract_message(response, self.outbound.secrets)
            raise response.make_error(message).reclassify_as(error_class)
        return _parse_tokens(body)

    def _post_form(self, url: str, form: dict[str, str]) -> PlatformResponse:
        """Send a form with the client's credentials (RFC 6749, 2.3.1)."""
        app, sign = self.app, None
        if self.auth.basic:  # both are form-encoded before they become a header
            sign = basic_auth(quote_plus(app.client_id), quote_plus(app.client_secret))
        elif app.client_secret:
            form = {**form, "client_secret": app.client_secret}
        headers = {"Accept": "application/json"}
        return self.outbound.send_request(
            "POST", self.fill_in_server(url), data=form, sign=sign, headers=headers
        )


def _parse_tokens(body: Mapping[str, Any]) -> Tokens:
    scope = body.get("scope") or ""
    return Tokens(
        access=body["access_token"],
        refresh=body.get("refresh_token") or "",
        expires_in=parse_lifetime(body.get("expires_in")),
        scope=" ".join(map(str, scope)) if isinstance(scope, list) else str(scope),
    )
