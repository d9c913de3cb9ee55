"""An atproto session from an app password, for servers without OAuth.

It also helps where the authorization server cannot read this installation's client metadata. See
https://docs.bsky.app/docs/api/com-atproto-server-create-session (and refresh, delete).
"""

from collections.abc import Mapping
from typing import Any, Final

from integrations.auth.atproto import AtprotoFlow
from integrations.auth.flow import SignInStart, Tokens, bearer_auth
from integrations.errors import Rejected, Unauthorized
from integrations.outbound.client import Signer
from integrations.outbound.typed_addresses import clean_typed_text, parse_handle

METHOD_PREFIX: Final = "/xrpc/com.atproto.server."
# What is assumed of access tokens, as no response says it: half of the two hours they last.
ACCESS_TOKEN_SECONDS: Final = 3600.0


class AppPasswordFlow(AtprotoFlow):
    """The person submits handle and app password; there is no redirect."""

    uses_redirect = False
    can_revoke = True

    def begin_sign_in(self, state: str, hint: str = "") -> SignInStart:
        """Name the page on which app passwords are created."""
        return SignInStart(self.auth.page)  # type: ignore[attr-defined]

    def finish_sign_in(self, saved_state: Mapping[str, Any], callback: Mapping[str, str]) -> Tokens:
        """Create a session at the server of the account that the handle belongs to."""
        values = {name: clean_typed_text(callback.get(name, "")) for name in ("handle", "password")}
        if not all(values.values()) or any(not text.isprintable() for text in values.values()):
            raise Rejected("Something is missing.", advice="Fill in every field.")
        handle = parse_handle(values["handle"])
        did = handle if handle.startswith("did:") else self.resolve_handle(handle)
        if not did:
            raise Rejected(f"Nobody is called {handle}.", advice="Give your whole handle.")
        pds = self.find_pds(did, "" if did == handle else handle)
        self.outbound.hide_secrets(values["password"])
        credentials = {"identifier": did, "password": values["password"]}
        url = f"{pds}{METHOD_PREFIX}createSession"
        session = self.outbound.send_request("POST", url, json=credentials).json()
        return self._parse_session(session, {"did": did, "server": pds})

    def refresh_tokens(self, tokens: Tokens) -> Tokens:
        """Return a new pair of tokens; the old pair is spent.

        Unauthorized, which ends the connection, if the app password was removed.
        """
        url = f"{tokens.more['server']}{METHOD_PREFIX}refreshSession"
        try:
            session = self.outbound.send_request(
                "POST", url, sign=bearer_auth(tokens.refresh)
            ).json()
        except Unauthorized as error:
            raise Unauthorized(error.message, status=error.status, answer="invalid_grant") from None
        return tokens.renewed(self._parse_session(session, tokens.more))

    def revoke_tokens(self, tokens: Tokens) -> None:
        """End the session; only the person can remove the app password itself."""
        url = f"{tokens.more['server']}{METHOD_PREFIX}deleteSession"
        self.outbound.send_request("POST", url, sign=bearer_auth(tokens.refresh))

    def make_signer(self, tokens: Tokens) -> Signer:
        """Sign with the session's bearer token."""
        return bearer_auth(tokens.access)

    def _parse_session(self, session: Mapping[str, Any], more: Mapping[str, Any]) -> Tokens:
        if session["did"] != more["did"]:
            raise Unauthorized("The server answered for another account.", answer="invalid_grant")
        return Tokens(
            session["accessJwt"],
            session["refreshJwt"],
            expires_in=ACCESS_TOKEN_SECONDS,
            more=more,
        )
