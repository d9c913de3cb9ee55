"""Connecting with a token that the person created on the platform's own page."""

from collections.abc import Mapping
from typing import Any

from integrations.auth.flow import HeaderSigner, SignInFlow, SignInStart, Tokens
from integrations.errors import Rejected
from integrations.outbound.client import Signer, basic_auth
from integrations.outbound.typed_addresses import clean_typed_text
from integrations.platforms.base import ApiToken


class ApiTokenFlow(SignInFlow[ApiToken]):
    """The person pastes the credentials; there is no redirect."""

    uses_redirect = False

    def begin_sign_in(self, state: str, hint: str = "") -> SignInStart:
        """Name the page on which the token is created."""
        return SignInStart(self.fill_in_server(self.auth.page))

    def finish_sign_in(self, saved_state: Mapping[str, Any], callback: Mapping[str, str]) -> Tokens:
        """Take the submitted fields, all of which are required."""
        values = {
            field.name: clean_typed_text(callback.get(field.name, "")) for field in self.auth.fields
        }
        if not all(values.values()) or any(not text.isprintable() for text in values.values()):
            raise Rejected("Something is missing.", advice="Fill in every field.")
        if self.auth.headers and not all(text.isascii() for text in values.values()):
            raise Rejected(
                "This is not what the platform's page shows.", advice="Copy it once more, as it is."
            )
        return Tokens(access=values.pop(self._secret_field()), more=values)

    def make_signer(self, tokens: Tokens) -> Signer:
        """Sign with the headers that the platform declares, or with HTTP Basic."""
        values = {**tokens.more, self._secret_field(): tokens.access}
        if any(self.auth.basic_auth_fields):
            return basic_auth(*(values[name] for name in self.auth.basic_auth_fields))
        return HeaderSigner(
            {name: text.format(**values) for name, text in self.auth.headers.items()}
        )

    def _secret_field(self) -> str:
        return next(field.name for field in self.auth.fields if field.secret)
