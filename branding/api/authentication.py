"""Authentication of API requests by bearer tokens, and the permission to use them."""

from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from branding.accounts.adapter import signed_in_recently
from branding.accounts.models import User
from branding.api.models import Scope
from branding.api.services import find_valid_access_token, find_valid_token

SCHEME: Final = "Bearer"


class ApiRequest(Request):
    """A request that was authenticated; only annotations use this class."""

    user: User
    auth: Any  # a token, or None in a session
    data: Any


class BearerAuthentication(BaseAuthentication):
    """A personal access token or an OAuth access token in the Authorization header (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the user and the token, or None without a bearer token in the header.

        Raises AuthenticationFailed if the token is not valid.
        """
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != SCHEME.lower().encode():
            return None
        token_text = parts[1].decode("latin-1") if len(parts) == 2 else ""
        if token := find_valid_token(token_text):
            return token.owner, token
        if access_token := find_valid_access_token(
            token_text, url=settings.SITE_URL + request.path
        ):
            return access_token.user, access_token
        raise AuthenticationFailed("The token is invalid or expired.")

    def authenticate_header(self, request: Request) -> str:
        """Return the WWW-Authenticate header of a 401, with the error code of RFC 6750, 3.1.

        A request without a token gets no error code.
        """
        has_token = bool(get_authorization_header(request))
        return f'{SCHEME} error="invalid_token"' if has_token else SCHEME


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes both kinds of tokens in the schema."""

    target_class = "branding.api.authentication.BearerAuthentication"
    name = ["token", "oauth"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """Require either of them; for OAuth, with the scope of the operation."""
        return [{"token": []}, {"oauth": [required_scope(auto_schema.method, auto_schema.view)]}]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        """Define the bearer token, and the authorization code flow with its endpoints."""
        token_url = reverse("oauth2_provider:token")
        flow = {
            "authorizationUrl": reverse("oauth2_provider:authorize"),
            "tokenUrl": token_url,
            "refreshUrl": token_url,
            "scopes": {value: str(description) for value, description in Scope.choices},
        }
        return [
            {"type": "http", "scheme": "bearer"},
            {"type": "oauth2", "flows": {"authorizationCode": flow}},
        ]


class ScopePermission(BasePermission):
    """Limits a token to its scopes; a person who is signed in to the pages may do everything."""

    message = "This token may not do that."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the user is authenticated and the token has the scope that is needed."""
        if not request.user.is_authenticated:
            return False
        token: Any = request.auth
        if token is None:
            self._require_recent_sign_in(request, view)
        return token is None or required_scope(request.method, view) in token.scopes

    def _require_recent_sign_in(self, request: Request, view: Any) -> None:
        """Raise PermissionDenied where a page would ask for the password again."""
        reads = request.method in SAFE_METHODS
        attribute = "needs_recent_sign_in_to_read" if reads else "needs_recent_sign_in"
        needs_it = getattr(view, attribute, False)
        if needs_it and not signed_in_recently(request._request):
            raise PermissionDenied("Sign in again first, or use a token.")


def insufficient_scope_header(request: Request, view: Any) -> str:
    """Return the WWW-Authenticate header of a 403 for a token without the scope (RFC 6750, 3.1)."""
    scope = required_scope(request.method, view)
    return f'{SCHEME} error="insufficient_scope", scope="{scope}"'


def required_scope(method: str | None, view: Any) -> str:
    """Return the scope that a token needs: `read` for safe methods, else the scope of the view."""
    return (Scope.READ if method in SAFE_METHODS else view.scope).value
