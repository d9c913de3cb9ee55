"""Records when each session was last used, at most every few minutes."""

from collections.abc import Callable
from typing import Final

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

EVERY: Final = 300  # seconds; allauth's own middleware writes on every request


class Activity(MiddlewareMixin):
    """Updates the user's list of sessions."""

    get_response: Callable[[HttpRequest], HttpResponse]

    def process_request(self, request: HttpRequest) -> None:
        """Record the session, unless that was done within UPDATE_INTERVAL_SECONDS."""
        key = request.session.session_key
        if key and request.user.is_authenticated and cache.add(f"seen:{key}", True, EVERY):
            UserSession.objects.create_from_request(request)
