"""When a device was last seen: noted every few minutes, not at every request."""

from collections.abc import Callable
from typing import Final

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

EVERY: Final = 300  # seconds; allauth's own middleware writes at every request


class Activity(MiddlewareMixin):
    """Keeps the list of where a person is signed in."""

    get_response: Callable[[HttpRequest], HttpResponse]

    def process_request(self, request: HttpRequest) -> None:
        """Note the device, unless that was done a moment ago."""
        key = request.session.session_key
        if key and request.user.is_authenticated and cache.add(f"seen:{key}", True, EVERY):
            UserSession.objects.create_from_request(request)
