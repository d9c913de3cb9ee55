"""A token that the person made on the platform's own page."""

from collections.abc import Mapping
from typing import Any

from integrations.auth.flow import Begun, Flow, Headers, Tokens
from integrations.errors import Rejected
from integrations.outbound.client import Signer, basic
from integrations.platforms.base import Pasted


class PastedFlow(Flow[Pasted]):
    """Nobody is sent anywhere: what was pasted is what lets us in."""

    returns = False

    def begin(self, state: str, hint: str = "") -> Begun:
        """The page on which the token is made."""
        return Begun(self.at(self.auth.page))

    def finish(self, memory: Mapping[str, Any], answer: Mapping[str, str]) -> Tokens:
        """The fields, all of them filled in."""
        told = {field.name: answer.get(field.name, "").strip() for field in self.auth.fields}
        if not all(told.values()) or any(not text.isprintable() for text in told.values()):
            raise Rejected("Something is missing.", advice="Fill in every field.")
        secret = next(field.name for field in self.auth.fields if field.secret)
        return Tokens(access=told.pop(secret), more=told)

    def signer(self, tokens: Tokens) -> Signer:
        """The headers that the platform asks for."""
        secret = next(field.name for field in self.auth.fields if field.secret)
        told = {**tokens.more, secret: tokens.access}
        if any(self.auth.basic):
            return basic(*(told[name] for name in self.auth.basic))
        return Headers({name: text.format(**told) for name, text in self.auth.headers.items()})
