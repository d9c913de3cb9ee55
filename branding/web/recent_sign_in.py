"""Views that lend access to an account, or end it, ask for the password again after a while.

A session that was stolen then cannot be turned into a lasting takeover.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponseBase

from branding.accounts.adapter import signed_in_recently

View = Callable[..., HttpResponseBase]


def recent_sign_in_required(view: View) -> View:
    """Decorate a view so that a POST needs a recent sign-in; it is repeated after that.

    allauth's middleware shows the form for the password or second factor.
    """

    @wraps(view)
    def view_after_sign_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and request.user.is_authenticated:
            require_recent_sign_in(request)
        return view(request, *args, **kwargs)

    return view_after_sign_in


def require_recent_sign_in(request: HttpRequest) -> None:
    """Raise ReauthenticationRequired unless the person signed in a short while ago."""
    if not signed_in_recently(request):
        raise ReauthenticationRequired
