"""What caches may keep, and what programs of other sites may read."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.deprecation import MiddlewareMixin

MINUTES: Final = 300  # seconds that caches may keep a response; short, so that changes show soon
# Every site may read and embed it, and browsers must not take it for anything but what it says.
HEADERS: Final = {
    "Cache-Control": f"public, max-age={MINUTES}",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
PERSONAL: Final = {"accept-language", "cookie"}  # which the session and locale middleware add


class ListedOriginsMiddleware(CorsMiddleware):
    """Lets programs of the origins in CORS_ALLOWED_ORIGINS read the API.

    Without any, no response depends on the origin of a request, and `Vary` does not name it.
    """

    def is_enabled(self, request: HttpRequest) -> bool:
        """Whether the response to this request depends on its origin."""
        return bool(settings.CORS_ALLOWED_ORIGINS) and super().is_enabled(request)


class PublicResponseMiddleware(MiddlewareMixin):
    """Takes language and cookies out of `Vary` where `Cache-Control` says `public`.

    A view whose response depends on the visitor or has texts in a language must not say `public`.
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:  # noqa: ARG002
        """Return the response with what it really varies by (RFC 9110, section 12.5.5)."""
        if "public" not in response.get("Cache-Control", ""):
            return response
        names = [name.strip() for name in response.get("Vary", "").split(",") if name]
        varying = [name for name in names if name.lower() not in PERSONAL]
        del response["Content-Language"], response["Vary"]
        if varying:
            response["Vary"] = ", ".join(varying)
        return response


def readable_everywhere(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let programs of every site read the responses of a view, also those that say no.

    What is missing is answered with a line instead of a page, which would be somebody's.
    """

    @wraps(view)
    def respond(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except (Http404, ObjectDoesNotExist):
            response = HttpResponseNotFound("Nothing is public here.\n", content_type="text/plain")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return respond
