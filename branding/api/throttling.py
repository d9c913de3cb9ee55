"""Rate limits of the API; the rates are settings.

Requests are counted in windows of fixed length, so that simultaneous requests cannot pass together
as they can with the history of timestamps that Django REST framework keeps.
"""

import math
import time
from threading import Lock
from typing import Any, Final

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from headshots.errors import TooManyAtOnce

# The file cache adds and increments in two steps; Redis, shared by processes, does it in one.
_COUNT_LOCK: Final = Lock()


class TooManyRequests(TooManyAtOnce):
    """Too many requests came from one address; `retry_after` is when to try again, in seconds."""

    def __init__(self, *, seconds_left: int) -> None:
        super().__init__(_("That was too often."), advice=_("Wait a minute and try again."))
        self.retry_after = seconds_left


class WindowThrottle(SimpleRateThrottle):
    """Counts requests in fixed windows; `headers` say what is left of the current one."""

    headers: dict[str, str]
    num_requests: int
    duration: int  # seconds

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request; return whether it is within the limit."""
        self.headers = {}
        key = self.get_cache_key(request, view)
        if self.rate is None or key is None:
            return True
        window, seconds_passed = divmod(time.time(), self.duration)
        self.seconds_left = math.ceil(self.duration - seconds_passed)
        count = _count_request(f"{key}:{int(window)}", seconds=self.duration)
        self.headers = {
            "RateLimit-Limit": str(self.num_requests),
            "RateLimit-Remaining": str(max(0, self.num_requests - count)),
            "RateLimit-Reset": str(self.seconds_left),
        }
        return count <= self.num_requests

    def wait(self) -> float:
        """Return the seconds until the next window."""
        return self.seconds_left


class AccountRateThrottle(WindowThrottle):
    """Limits the requests of an account, whichever tokens it uses."""

    scope = "account"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Count by account; requests without one are refused anyway."""
        return f"throttle:account:{request.user.pk}" if request.user.pk else None


class TokenRateThrottle(WindowThrottle):
    """Limits the requests with one token."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Count by token; a person who is signed in to the pages uses none."""
        return f"throttle:token:{request.auth.pk}" if request.auth else None


def require_below_rate(name: str, request: HttpRequest, *, limit: int, seconds: int) -> None:
    """Count a request that needs no account, by its address, which is not stored readably.

    Raises TooManyRequests beyond `limit` requests of one address in a window of `seconds`.
    """
    window, seconds_passed = divmod(time.time(), seconds)
    address = salted_hmac("rate limit", request.META.get("REMOTE_ADDR", "")).hexdigest()
    if _count_request(f"throttle:{name}:{address}:{int(window)}", seconds=seconds) > limit:
        raise TooManyRequests(seconds_left=math.ceil(seconds - seconds_passed))


def _count_request(key: str, *, seconds: int) -> int:
    """Count one request in a window and return how many there were, this one included."""
    with _COUNT_LOCK:
        if cache.add(key, 1, timeout=2 * seconds):
            return 1
        try:
            return cache.incr(key)
        except ValueError:  # it expired in between
            cache.set(key, 1, timeout=2 * seconds)
            return 1
