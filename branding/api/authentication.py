"""Authentication of API requests by bearer tokens, and the permission to use them."""

from typing import Any, ClassVar, Final

from django.urls import reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from branding.api.models import Scope
from branding.api.services import recognise, recognise_granted

SCHEME: Final = "Bearer"


class BearerAuthentication(BaseAuthentication):
    """A personal access token or an OAuth access token in the Authorization header (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the user and the token, or None without a bearer token in the header.

        Raises AuthenticationFailed if the token is not valid.
        """
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != SCHEME.lower().encode():
            return None
        text = words[1].decode("latin-1") if len(words) == 2 else ""
        if token := recognise(text):
            return token.owner, token
        if granted := recognise_granted(text, url=request.build_absolute_uri(request.path)):
            return granted.user, granted
        raise AuthenticationFailed("This token does not hold.")

    def authenticate_header(self, request: Request) -> str:
        """Return the WWW-Authenticate header of a 401."""
        return SCHEME


class BearerScheme(OpenApiAuthenticationExtension):
    """Describes both kinds of tokens in the schema."""

    target_class = "branding.api.authentication.BearerAuthentication"
    name: ClassVar[list[str]] = ["token", "oauth"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """Require either of them; for OAuth, with the scope of the operation."""
        return [{"token": []}, {"oauth": [needed(auto_schema.method, auto_schema.view)]}]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        """Define the bearer token, and the authorization code flow with its endpoints."""
        token_url = reverse("oauth2_provider:token")
        flow = {
            "authorizationUrl": reverse("oauth2_provider:authorize"),
            "tokenUrl": token_url,
            "refreshUrl": token_url,
            "scopes": {value: str(words) for value, words in Scope.choices},
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
        return request.auth is None or needed(request.method, view) in request.auth.scopes


def needed(method: str | None, view: Any) -> str:
    """Return the scope that a token needs: `read` for safe methods, else the scope of the view."""
    return (Scope.READ if method in SAFE_METHODS else view.scope).value
