"""Which accounts a browser has signed in to: a signed cookie that lasts a year.

It is no credential. A known device is spared the limits that strangers can use up, and its owner
the e-mail about a new device.
"""

import hashlib
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE: Final = "device"
SALT: Final = "known devices"
LIFETIME_SECONDS: Final = 365 * 24 * 3600
MAX_ACCOUNTS: Final = 5  # remembered in one browser


def find(request: HttpRequest, email: str) -> str | None:
    """Return the random id of this device if it has signed in to the account before."""
    return _read(request).get(_digest(email))


def is_known(request: HttpRequest, email: str) -> bool:
    """Whether this device has signed in to the account before."""
    return find(request, email) is not None


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Note in a cookie that this device has signed in to the account."""
    accounts = {**_read(request), _digest(email): uuid4().hex}
    newest = dict(list(accounts.items())[-MAX_ACCOUNTS:])
    response.set_cookie(
        COOKIE,
        signing.dumps(newest, salt=SALT),
        max_age=LIFETIME_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, Any]:
    """Return the device ids by account; none for a cookie that is missing, forged or too old."""
    try:
        accounts = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LIFETIME_SECONDS
        )
    except signing.BadSignature:
        return {}
    return accounts if isinstance(accounts, dict) else {}


def _digest(email: str) -> str:
    """Return a short hash, so that the cookie shows no address."""
    return hashlib.sha256(email.lower().encode()).hexdigest()[:24]
