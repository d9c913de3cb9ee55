"""The OAuth 2 provider: what django-oauth-toolkit leaves to us, and where we are stricter.

https://www.rfc-editor.org/rfc/rfc9700: codes with PKCE, renewals that rotate, nothing else.
"""

import hashlib
from typing import Any, Final

from allauth.decorators import rate_limit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from oauth2_provider.models import RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauth2_provider.views import RevokeTokenView, TokenView
from oauthlib.oauth2.rfc6749 import errors

from branding.api.models import Scope
from branding.api.services import new_token_text

REMEMBERED: Final = 3600  # seconds: a code itself holds for one minute
limited = method_decorator(rate_limit(action="oauth"), name="dispatch")


class Scopes(BaseScopes):
    """The same as of a person's own tokens; who names none asks to see."""

    def get_all_scopes(self) -> dict[str, Any]:
        """Each with its words."""
        return dict(Scope.choices)

    def get_available_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        """All of them, for every application."""
        return list(Scope.values)

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        """The smallest."""
        return [Scope.READ.value]


class Validator(OAuth2Validator):
    """The toolkit's rules and three of ours."""

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """Always, and only as S256: refused before the person is asked, not after."""
        if request.code_challenge and request.code_challenge_method != "S256":
            raise errors.UnsupportedCodeChallengeMethodError(request=request)
        return True

    def _save_bearer_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        """Of two renewals at once the first is one: both were found good before the lock."""
        spent = getattr(request, "refresh_token_instance", None)
        if spent and RefreshToken.objects.select_for_update().get(pk=spent.pk).revoked:
            raise errors.InvalidGrantError(request=request)
        super()._save_bearer_token(token, request, *args, **kwargs)

    def _create_refresh_token(self, request: Any, *args: Any, **kwargs: Any) -> RefreshToken:
        """Remember what came of a code."""
        made = super()._create_refresh_token(request, *args, **kwargs)
        if request.grant_type == "authorization_code":
            cache.set(_spent(request.client, request.code), made.token_family, REMEMBERED)
        return made

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Of two who use a code one stole it: what came of it ends (RFC 6749, 4.1.2)."""
        if super().validate_code(client_id, code, client, request, *args, **kwargs):
            return True
        RefreshToken.revoke_family(cache.get(_spent(client, code)))
        return False


def _spent(client: Any, code: str) -> str:
    """Where it is kept which tokens came of a code: not under the code itself."""
    return f"spent-code-{client.pk}-{hashlib.sha256(code.encode()).hexdigest()}"


@limited
class Tokens(TokenView):
    """A code or a refresh token for new tokens."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """No devices that show a code: they are told so like any other grant there is not."""
        return self.authorization_flow_token_response(request)


@limited
class Revocation(RevokeTokenView):
    """The end of a token and its like (RFC 7009)."""


def new_text(request: Any) -> str:  # noqa: ARG001  oauthlib asks every generator the same way
    """The text of a new token."""
    return new_token_text()
