"""The type of a request to a page of a signed-in person."""

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from branding.accounts.models import User


class PageRequest(HttpRequest):
    """Names what the middleware adds to a request; only annotations use this class."""

    user: User
    htmx: HtmxDetails

    if TYPE_CHECKING:

        async def auser(self) -> User: ...
