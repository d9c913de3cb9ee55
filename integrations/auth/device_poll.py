"""Login Flow v2 of Nextcloud: the server hands out an app password once the person agrees.

https://docs.nextcloud.com/server/stable/developer_manual/client_apis/LoginFlow/
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from integrations.auth.flow import SignInFlow, SignInStart, Tokens
from integrations.errors import Rejected
from integrations.outbound.client import Signer, basic_auth
from integrations.platforms.base import DevicePoll


class SignInPending(Rejected):
    """The person has not allowed access yet: poll again later."""

    code = "not_yet"
    advice = "Say yes on its own page first."


class DevicePollFlow(SignInFlow[DevicePoll]):
    """The person allows access in another tab while the server is polled for the answer."""

    uses_redirect = False

    def begin_sign_in(self, state: str, hint: str = "") -> SignInStart:
        """Start a login; the saved state holds the URL and the token to poll with."""
        login = self.outbound.send_request("POST", self.fill_in_server(self.auth.start)).json()
        # The server may know itself by another name: poll at the address that was named here.
        poll_path = urlsplit(login["poll"]["endpoint"]).path
        folder = urlsplit(self.server).path
        poll_url = self.server + poll_path.removeprefix(folder)
        return SignInStart(
            str(login["login"]), {"poll": poll_url, "token": str(login["poll"]["token"])}
        )

    def finish_sign_in(self, saved_state: Mapping[str, Any], callback: Mapping[str, str]) -> Tokens:
        """Return the app password, which the server sends once; SignInPending before that."""
        form = {"token": saved_state["token"]}
        response = self.outbound.send_request(
            "POST", saved_state["poll"], data=form, absent_status=404
        )
        if response.status == 404:
            raise SignInPending(
                f"{self.outbound.platform} has no answer yet.", platform=self.outbound.platform
            )
        login = response.json()
        return Tokens(access=login["appPassword"], more={"user": login["loginName"]})

    def revoke_tokens(self, tokens: Tokens) -> None:
        """Revoke the app password."""
        sign = self.make_signer(tokens)
        self.outbound.send_request(
            "DELETE", self.fill_in_server(self.auth.revoke), sign=sign, headers=self.auth.headers
        )

    def make_signer(self, tokens: Tokens) -> Signer:
        """Sign with HTTP Basic."""
        return basic_auth(tokens.more["user"], tokens.access)
