"""An atproto session from a password for apps, where a server has no OAuth or cannot reach us.

Written from https://docs.bsky.app/docs/api/com-atproto-server-create-session and its neighbours.
"""

from collections.abc import Mapping
from typing import Any, Final

from integrations.auth.atproto import AtprotoFlow
from integrations.auth.flow import Begun, Tokens, bearer
from integrations.errors import Rejected, Unauthorized
from integrations.outbound.client import Signer

SESSION: Final = "/xrpc/com.atproto.server."
LIFE: Final = 3600.0  # seconds; access tokens live two hours, which no answer says


class AppPasswordFlow(AtprotoFlow):
    """Nobody is sent anywhere: handle and password are exchanged at the account's own server."""

    returns = False
    revokes = True

    def begin(self, state: str, hint: str = "") -> Begun:
        """The page on which such passwords are made."""
        return Begun(self.auth.page)  # type: ignore[attr-defined]

    def finish(self, memory: Mapping[str, Any], answer: Mapping[str, str]) -> Tokens:
        """A session of the account that the handle names."""
        told = {name: answer.get(name, "").strip() for name in ("handle", "password")}
        if not all(told.values()) or any(not text.isprintable() for text in told.values()):
            raise Rejected("Something is missing.", advice="Fill in every field.")
        handle = told["handle"].removeprefix("@").lower()
        did = handle if handle.startswith("did:") else self.did_of(handle)
        if not did:
            raise Rejected(f"Nobody is called {handle}.", advice="Give your whole handle.")
        pds = self.pds_of(did, "" if did == handle else handle)
        self.door.hide(told["password"])
        sent = {"identifier": did, "password": told["password"]}
        got = self.door.call("POST", f"{pds}{SESSION}createSession", json=sent).json()
        return self._session(got, {"did": did, "server": pds})

    def refresh(self, tokens: Tokens) -> Tokens:
        """A new pair; the old one is spent. A password that was ended ends the connection."""
        url = f"{tokens.more['server']}{SESSION}refreshSession"
        try:
            got = self.door.call("POST", url, sign=bearer(tokens.refresh)).json()
        except Unauthorized as error:
            raise Unauthorized(error.message, status=error.status, answer="invalid_grant") from None
        return tokens.renewed(self._session(got, tokens.more))

    def revoke(self, tokens: Tokens) -> None:
        """End the session; the password itself is the person's to remove."""
        url = f"{tokens.more['server']}{SESSION}deleteSession"
        self.door.call("POST", url, sign=bearer(tokens.refresh))

    def signer(self, tokens: Tokens) -> Signer:
        """A bearer token."""
        return bearer(tokens.access)

    def _session(self, got: Mapping[str, Any], more: Mapping[str, Any]) -> Tokens:
        if got["did"] != more["did"]:
            raise Unauthorized("The server answered for another account.", answer="invalid_grant")
        return Tokens(got["accessJwt"], got["refreshJwt"], expires_in=LIFE, more=more)
