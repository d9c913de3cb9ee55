"""The OAuth 2 provider: extensions of django-oauth-toolkit, and where we are stricter.

As RFC 9700 (https://www.rfc-editor.org/rfc/rfc9700) recommends, there are only authorization codes
with PKCE, and refresh tokens that are rotated.
"""

import hashlib
from typing import Any, Final

from allauth.core import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.models import RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauth2_provider.views import RevokeTokenView, TokenView
from oauthlib.oauth2.rfc6749 import errors

from branding.api.models import Scope
from branding.api.services import new_token_text

SPENT_CODE_SECONDS: Final = 3600  # seconds; a code itself expires after one minute
RETRY_AFTER_SECONDS: Final = 60  # the period of the rate limit in settings/accounts.py


class ScopesBackend(BaseScopes):
    """The scopes are those of personal access tokens; the default is `read`."""

    def get_all_scopes(self) -> dict[str, Any]:
        """Return the description of each scope."""
        return dict(Scope.choices)

    def get_available_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        """Return every scope; all applications may ask for all of them."""
        return list(Scope.values)

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        """Return `read`, for an application that names no scope."""
        return [Scope.READ.value]


class RequestValidator(OAuth2Validator):
    """Adds three rules to the toolkit's.

    Only S256 as code challenge; a refresh token is renewed once, even by simultaneous requests; a
    code that is used twice revokes the tokens that were issued for it.
    """

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """Require PKCE, and refuse other methods than S256 before the consent page is shown."""
        if request.code_challenge and request.code_challenge_method != "S256":
            raise errors.UnsupportedCodeChallengeMethodError(request=request)
        return True

    def _save_bearer_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        """Save the token unless a simultaneous request renewed the same refresh token first.

        Both were validated before the row was locked, so it is read again under the lock.
        """
        refresh_token = getattr(request, "refresh_token_instance", None)
        if (
            refresh_token
            and RefreshToken.objects.select_for_update().get(pk=refresh_token.pk).revoked
        ):
            raise errors.InvalidGrantError(request=request)
        super()._save_bearer_token(token, request, *args, **kwargs)

    def _create_refresh_token(self, request: Any, *args: Any, **kwargs: Any) -> RefreshToken:
        """Create the token, and remember which tokens were issued for the code."""
        refresh_token = super()._create_refresh_token(request, *args, **kwargs)
        if request.grant_type == "authorization_code":
            cache.set(
                _spent_code_key(request.client, request.code),
                refresh_token.token_family,
                SPENT_CODE_SECONDS,
            )
        return refresh_token

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Revoke the tokens that were issued for a code that is used again (RFC 6749, 4.1.2).

        One of the two clients must have stolen it.
        """
        if super().validate_code(client_id, code, client, request, *args, **kwargs):
            return True
        RefreshToken.revoke_family(cache.get(_spent_code_key(client, code)))
        return False


def _spent_code_key(client: Any, code: str) -> str:
    """Return the cache key of the tokens issued for a code; it contains only a hash of the code."""
    return f"spent-code-{client.pk}-{hashlib.sha256(code.encode()).hexdigest()}"


@method_decorator(csrf_exempt, name="dispatch")  # applications have no CSRF cookie
class ClientEndpoint(View):
    """Base class of the endpoints that applications call: every error is JSON."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Limit the requests, and say how to authenticate where a client secret is wrong.

        `temporarily_unavailable` is the closest error code of RFC 6749; the challenge is required
        by its section 5.2.
        """
        if not ratelimit.consume(request, action="oauth"):
            return JsonResponse(
                {
                    "error": "temporarily_unavailable",
                    "error_description": "Too many requests; wait as long as Retry-After says.",
                },
                status=429,
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            )
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="Facet"'
        return response


class TokenEndpoint(ClientEndpoint, TokenView):
    """The token endpoint: exchanges a code or a refresh token for new tokens."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Handle every grant in one way, without the toolkit's special case for device codes.

        So these are refused like any other grant that is not supported.
        """
        return self.authorization_flow_token_response(request)


class RevocationEndpoint(ClientEndpoint, RevokeTokenView):
    """The revocation endpoint (RFC 7009)."""


def generate_token(request: Any) -> str:  # noqa: ARG001  oauthlib passes the request
    """Return the text of a new token, for access and refresh tokens alike."""
    return new_token_text()
