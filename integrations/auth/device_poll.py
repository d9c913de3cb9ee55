"""Login Flow v2 of Nextcloud: an app password that nobody has to copy.

Written from https://docs.nextcloud.com/server/stable/developer_manual/client_apis/LoginFlow/
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from integrations.auth.flow import Begun, Flow, Tokens
from integrations.errors import Rejected
from integrations.outbound.client import Signer, basic
from integrations.platforms.base import Polled


class SignInPending(Rejected):
    """The person has not said yes: ask again."""

    code = "not_yet"
    advice = "Say yes on its own page first."


class PolledFlow(Flow[Polled]):
    """The person comes back to where they left; the server is asked what they said."""

    returns = False

    def begin(self, state: str, hint: str = "") -> Begun:
        """The page on which the person says yes, and the word by which the answer is asked for."""
        got = self.door.call("POST", self.at(self.auth.start)).json()
        # Whatever name the server has for itself, the answer is asked for where the question was.
        poll = self.server + urlsplit(got["poll"]["endpoint"]).path
        return Begun(str(got["login"]), {"poll": poll, "token": str(got["poll"]["token"])})

    def finish(self, memory: Mapping[str, Any], answer: Mapping[str, str]) -> Tokens:
        """The password, which is told once; SignInPending before the person said yes."""
        told = {"token": memory["token"]}
        got = self.door.call("POST", memory["poll"], data=told, absent=404)
        if got.status == 404:
            raise SignInPending(
                f"{self.door.platform} has no answer yet.", platform=self.door.platform
            )
        known = got.json()
        return Tokens(access=known["appPassword"], more={"user": known["loginName"]})

    def revoke(self, tokens: Tokens) -> None:
        """End the password."""
        sign = self.signer(tokens)
        self.door.call("DELETE", self.at(self.auth.revoke), sign=sign, headers=self.auth.headers)

    def signer(self, tokens: Tokens) -> Signer:
        """HTTP Basic, as with any password."""
        return basic(tokens.more["user"], tokens.access)
