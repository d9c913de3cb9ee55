"""OAuth 1.0a in three legs, signed with HMAC-SHA1 (RFC 5849)."""

from collections.abc import Mapping
from typing import Any

from requests_oauthlib import OAuth1 as Signature
from requests_oauthlib import OAuth1Session
from requests_oauthlib.oauth1_session import TokenMissing, TokenRequestDenied

from integrations.auth.flow import Begun, Flow, StateMismatch, Tokens, check_denied
from integrations.errors import PlatformError, Rejected
from integrations.outbound.client import FAILURES, Signer
from integrations.platforms.base import OAuth1


class OAuth1Flow(Flow[OAuth1]):
    """A request token, a yes, an access token."""

    def begin(self, state: str, hint: str = "") -> Begun:
        """The authorize page; the state rides on our own callback address."""
        callback = f"{self.app.redirect_uri}?state={state}"
        got = self._session("fetch_request_token", self.auth.request_token, callback_uri=callback)
        url = f"{self.at(self.auth.authorize)}?oauth_token={got['oauth_token']}"
        return Begun(url, {"token": got["oauth_token"], "secret": got["oauth_token_secret"]})

    def finish(self, memory: Mapping[str, Any], answer: Mapping[str, str]) -> Tokens:
        """The verifier, exchanged."""
        check_denied(answer, self.door.platform)
        if answer.get("oauth_token") != memory["token"] or not answer.get("oauth_verifier"):
            raise StateMismatch("The answer belongs to another request.")
        got = self._session(
            "fetch_access_token",
            self.auth.access_token,
            resource_owner_key=memory["token"],
            resource_owner_secret=memory["secret"],
            verifier=answer["oauth_verifier"],
        )
        return Tokens(access=got["oauth_token"], more={"secret": got["oauth_token_secret"]})

    def signer(self, tokens: Tokens) -> Signer:
        """A signature of its own for every call."""
        app = self.app
        return Signature(app.client_id, app.client_secret, tokens.access, tokens.more["secret"])

    def _session(self, verb: str, url: str, **known: Any) -> Mapping[str, str]:
        url = self.at(url)
        self.door.check(url)
        with self.door.session(
            OAuth1Session(self.app.client_id, client_secret=self.app.client_secret, **known)
        ) as session:
            try:
                return getattr(session, verb)(url)
            except FAILURES as error:
                raise self.door.failure(error, "POST", f"POST {url}") from None
            except TokenRequestDenied as error:
                raise self._denied(error) from None
            except (TokenMissing, ValueError) as error:
                raise Rejected(f"{self.door.platform}: {type(error).__name__}") from None

    def _denied(self, error: TokenRequestDenied) -> PlatformError:
        try:
            self.door.judge(error.response, "POST")
        except PlatformError as judged:
            return judged
        return Rejected(f"{self.door.platform} gave no token.")
