"""Three-legged OAuth 1.0a with HMAC-SHA1 signatures (RFC 5849)."""

from collections.abc import Mapping
from typing import Any

from requests_oauthlib import OAuth1 as Signature
from requests_oauthlib import OAuth1Session
from requests_oauthlib.oauth1_session import TokenMissing, TokenRequestDenied

from integrations.auth.flow import SignInFlow, SignInStart, StateMismatch, Tokens, raise_if_denied
from integrations.errors import PlatformError, Rejected
from integrations.outbound.client import TRANSPORT_ERRORS, Signer
from integrations.platforms.base import OAuth1


class OAuth1Flow(SignInFlow[OAuth1]):
    """A request token, which the person authorizes, is exchanged for an access token."""

    def begin_sign_in(self, state: str, hint: str = "") -> SignInStart:
        """Fetch a request token; the state is a parameter of the callback URL."""
        callback = f"{self.app.redirect_uri}?state={state}"
        response = self._fetch(
            "fetch_request_token", self.auth.request_token, callback_uri=callback
        )
        token, secret = response["oauth_token"], response["oauth_token_secret"]
        url = f"{self.fill_in_server(self.auth.authorize)}?oauth_token={token}"
        return SignInStart(url, {"token": token, "secret": secret})

    def finish_sign_in(self, saved_state: Mapping[str, Any], callback: Mapping[str, str]) -> Tokens:
        """Exchange the request token and its verifier for an access token."""
        raise_if_denied(callback, self.outbound.platform)
        if callback.get("oauth_token") != saved_state["token"] or not callback.get(
            "oauth_verifier"
        ):
            raise StateMismatch("The answer belongs to another request.")
        response = self._fetch(
            "fetch_access_token",
            self.auth.access_token,
            resource_owner_key=saved_state["token"],
            resource_owner_secret=saved_state["secret"],
            verifier=callback["oauth_verifier"],
        )
        secret = response["oauth_token_secret"]
        return Tokens(access=response["oauth_token"], more={"secret": secret})

    def make_signer(self, tokens: Tokens) -> Signer:
        """Sign every request anew, with nonce and timestamp."""
        app = self.app
        return Signature(app.client_id, app.client_secret, tokens.access, tokens.more["secret"])

    def _fetch(self, method_name: str, url: str, **options: Any) -> Mapping[str, str]:
        """Call a method of `OAuth1Session` that fetches a token."""
        url = self.fill_in_server(url)
        self.outbound.check_allowed(url)
        with self.outbound.make_session(
            OAuth1Session(self.app.client_id, client_secret=self.app.client_secret, **options)
        ) as session:
            try:
                return getattr(session, method_name)(url, allow_redirects=False)
            except TokenRequestDenied as error:
                raise self._denial_error(error) from None
            except TokenMissing:
                raise self._no_token_error() from None
            except TRANSPORT_ERRORS as error:
                raise self.outbound.make_connection_error(error, "POST", f"POST {url}") from None

    def _denial_error(self, error: TokenRequestDenied) -> PlatformError:
        try:
            self.outbound.check_response(error.response, "POST")
        except PlatformError as platform_error:
            return platform_error
        return self._no_token_error()

    def _no_token_error(self) -> PlatformError:
        name = self.outbound.platform
        return Rejected(f"{name} did not let Facet in.", platform=name, advice="Connect it again.")
