"""The language of pages: what a person chose, then the cookie, then what the browser asks for."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from branding.accounts.models import User
from headshots.wording import is_offered


class LanguageMiddleware(MiddlewareMixin):
    """Activates the language that the signed-in person chose.

    It follows Django's LocaleMiddleware, which reads the cookie and `Accept-Language` and sets the
    headers of the response.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Use the stored language, if it is still offered."""
        if not request.session.session_key or not request.user.is_authenticated:
            return
        if is_offered(request.user.language):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language


def store_language(user: User, code: str) -> None:
    """Keep the choice of a person; "" is what the browser asks for."""
    user.language = code
    user.save(update_fields=["language"])


def set_cookie(response: HttpResponse, code: str) -> None:
    """Keep the choice of a browser for a year; "" forgets it."""
    if not code:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
