"""Records when each session was last used, at most every few minutes."""

from collections.abc import Callable
from typing import Final

from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

UPDATE_INTERVAL_SECONDS: Final = 300  # seconds; allauth's own middleware writes on every request


class SessionActivityMiddleware(MiddlewareMixin):
    """Updates the user's list of sessions."""

    get_response: Callable[[HttpRequest], HttpResponse]

    def process_request(self, request: HttpRequest) -> None:
        """Record the session, unless that was done within UPDATE_INTERVAL_SECONDS."""
        session_key = request.session.session_key
        if (
            session_key
            and request.user.is_authenticated
            and cache.add(f"seen:{session_key}", True, UPDATE_INTERVAL_SECONDS)
        ):
            UserSession.objects.create_from_request(request)
