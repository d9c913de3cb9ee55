"""Connecting with a token that the person created on the platform's own page."""

from collections.abc import Mapping
from typing import Any

from integrations.auth.flow import Begun, Flow, Headers, Tokens
from integrations.errors import Rejected
from integrations.outbound.client import Signer, basic
from integrations.platforms.base import Pasted


class PastedFlow(Flow[Pasted]):
    """The person pastes the credentials; there is no redirect."""

    returns = False

    def begin(self, state: str, hint: str = "") -> Begun:
        """Name the page on which the token is created."""
        return Begun(self.at(self.auth.page))

    def finish(self, memory: Mapping[str, Any], callback: Mapping[str, str]) -> Tokens:
        """Take the submitted fields, all of which are required."""
        values = {field.name: callback.get(field.name, "").strip() for field in self.auth.fields}
        if not all(values.values()) or any(not text.isprintable() for text in values.values()):
            raise Rejected("Something is missing.", advice="Fill in every field.")
        return Tokens(access=values.pop(self._secret_field()), more=values)

    def signer(self, tokens: Tokens) -> Signer:
        """Sign with the headers that the platform declares, or with HTTP Basic."""
        values = {**tokens.more, self._secret_field(): tokens.access}
        if any(self.auth.basic):
            return basic(*(values[name] for name in self.auth.basic))
        return Headers({name: text.format(**values) for name, text in self.auth.headers.items()})

    def _secret_field(self) -> str:
        return next(field.name for field in self.auth.fields if field.secret)
