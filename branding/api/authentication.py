"""Who comes in, by which door, and how often."""

from typing import Any, ClassVar, Final

from django.urls import reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from branding.api.models import Scope
from branding.api.services import recognise, recognise_granted

SCHEME: Final = "Bearer"


class Bearer(BaseAuthentication):
    """A person's own token, or an application's, in the Authorization header (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """The owner and the token; None if no token was shown, a refusal if it does not hold."""
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
        """What a 401 says one should have shown."""
        return SCHEME


class BearerScheme(OpenApiAuthenticationExtension):
    """How the schema names both."""

    target_class = "branding.api.authentication.Bearer"
    name: ClassVar[list[str]] = ["token", "oauth"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """Either of them; an application is told the scope to ask for."""
        return [{"token": []}, {"oauth": [needed(auto_schema.method, auto_schema.view)]}]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        """A bearer token, and the way of an application to one (with PKCE, S256)."""
        renew = reverse("oauth2_provider:token")
        flow = {
            "authorizationUrl": reverse("oauth2_provider:authorize"),
            "tokenUrl": renew,
            "refreshUrl": renew,
            "scopes": {value: str(words) for value, words in Scope.choices},
        }
        return [
            {"type": "http", "scheme": "bearer"},
            {"type": "oauth2", "flows": {"authorizationCode": flow}},
        ]


class Scoped(BasePermission):
    """A token does what its scopes say; a person who is signed in does everything."""

    message = "This token may not do that."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Reading asks for `read`, anything else for what the operation declares."""
        if not request.user.is_authenticated:
            return False
        return request.auth is None or needed(request.method, view) in request.auth.scopes


def needed(method: str | None, view: Any) -> str:
    """The scope that an operation asks of a token."""
    return (Scope.READ if method in SAFE_METHODS else view.scope).value


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
        return f"throttle:token:{request.auth.pk}" if request.auth else None
