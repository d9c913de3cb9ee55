"""Rate limits of the API; the rates are settings."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class AccountRateThrottle(SimpleRateThrottle):
    """Limits the requests of an account, whichever tokens it uses."""

    scope = "account"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Count by account; requests without one are refused anyway."""
        return f"throttle:account:{request.user.pk}" if request.user.pk else None


class TokenRateThrottle(SimpleRateThrottle):
    """Limits the requests with one token."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Count by token; a person who is signed in to the pages uses none."""
        return f"throttle:token:{request.auth.pk}" if request.auth else None
