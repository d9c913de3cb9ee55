"""Login Flow v2 of Nextcloud: the server hands out an app password once the person agrees.

https://docs.nextcloud.com/server/stable/developer_manual/client_apis/LoginFlow/
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from integrations.auth.flow import Begun, Flow, Tokens
from integrations.errors import Rejected
from integrations.outbound.client import Signer, basic
from integrations.platforms.base import Polled


class SignInPending(Rejected):
    """The person has not allowed access yet: poll again later."""

    code = "not_yet"
    advice = "Say yes on its own page first."


class PolledFlow(Flow[Polled]):
    """The person allows access in another tab while the server is polled for the answer."""

    returns = False

    def begin(self, state: str, hint: str = "") -> Begun:
        """Start a login; the saved state holds the URL and the token to poll with."""
        login = self.door.call("POST", self.at(self.auth.start)).json()
        # The server may know itself by another name: poll at the address that was named here.
        poll_url = self.server + urlsplit(login["poll"]["endpoint"]).path
        return Begun(str(login["login"]), {"poll": poll_url, "token": str(login["poll"]["token"])})

    def finish(self, memory: Mapping[str, Any], callback: Mapping[str, str]) -> Tokens:
        """Return the app password, which the server sends once; SignInPending before that."""
        form = {"token": memory["token"]}
        response = self.door.call("POST", memory["poll"], data=form, absent_status=404)
        if response.status == 404:
            raise SignInPending(
                f"{self.door.platform} has no answer yet.", platform=self.door.platform
            )
        login = response.json()
        return Tokens(access=login["appPassword"], more={"user": login["loginName"]})

    def revoke(self, tokens: Tokens) -> None:
        """Revoke the app password."""
        sign = self.signer(tokens)
        self.door.call("DELETE", self.at(self.auth.revoke), sign=sign, headers=self.auth.headers)

    def signer(self, tokens: Tokens) -> Signer:
        """Sign with HTTP Basic."""
        return basic(tokens.more["user"], tokens.access)
