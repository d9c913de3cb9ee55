"""The page that asks a person whether an application may act for them (RFC 6749, 4.1)."""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from oauth2_provider.views import AuthorizationView

from branding.web.responses import render_page


@method_decorator(never_cache, name="dispatch")
class ConsentView(AuthorizationView):
    """The toolkit's checks and forms, in our words."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask every time: who calls itself that application need not be it (RFC 8252, 8.6)."""
        request.GET = request.GET.copy()  # type: ignore[assignment]
        request.GET["approval_prompt"] = "force"
        return super().get(request, *args, **kwargs)

    def redirect(self, redirect_to: str, application: Any) -> HttpResponse:
        """A page and no redirect: our policy lets no form lead to another site, redirected or not.

        The toolkit comes here only with an address that the application registered.
        """
        return render_page(
            self.request,
            "account/return_to_application",
            url=redirect_to,
            there=_display_name(redirect_to),
        )

    def render_to_response(self, context: dict[str, Any], status: int = 200) -> HttpResponse:
        """The question; a problem if the application, or where it wants to be answered, is none."""
        if "application" not in context:
            return self._render_problem(str(getattr(context.get("error"), "description", "")))
        redirect_uri = _display_name(context["redirect_uri"])
        return render_page(self.request, "account/consent", there=redirect_uri, **context)

    def _render_problem(self, message: str) -> HttpResponse:
        response = render_page(
            self.request,
            "public/problem",
            message=_("This application cannot be let in"),
            advice=_("It asked in a way that Facet does not answer. %(words)s")
            % {"words": message},
        )
        response.status_code = 400
        return response


def _display_name(address: str) -> str:
    """The host of an address, or the scheme of an application on one's own device."""
    url_parts = urlsplit(address)
    return url_parts.hostname or url_parts.scheme
