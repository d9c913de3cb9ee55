"""Who comes in, by which door, and how often."""

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from branding.api.models import Scope, Token
from branding.api.services import recognise

SCHEME: Final = "Bearer"


class Bearer(BaseAuthentication):
    """A personal access token in the Authorization header (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        """The owner and the token; None if no token was shown, a refusal if it does not hold."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != SCHEME.lower().encode():
            return None
        token = recognise(words[1].decode("latin-1")) if len(words) == 2 else None
        if token is None:
            raise AuthenticationFailed("This token does not hold.")
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 says one should have shown."""
        return SCHEME


class BearerScheme(OpenApiAuthenticationExtension):
    """How the schema names it."""

    target_class = "branding.api.access.Bearer"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer"}


class Scoped(BasePermission):
    """A token does what its scopes say; a person who is signed in does everything."""

    message = "This token may not do that."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Reading asks for `read`, anything else for what the operation declares."""
        if not request.user.is_authenticated:
            return False
        if not isinstance(request.auth, Token):
            return True
        needed = Scope.READ if request.method in SAFE_METHODS else view.scope
        return needed in request.auth.scopes


class PerAccount(SimpleRateThrottle):
    """So many calls an account, whatever it calls with."""

    scope = "account"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """By account; strangers are refused before it matters."""
        return f"throttle:account:{request.user.pk}" if request.user.pk else None


class PerToken(SimpleRateThrottle):
    """So many calls a token."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """By token."""
        token = request.auth
        return f"throttle:token:{token.pk}" if isinstance(token, Token) else None
