"""The page that asks a person whether an application may act for them (RFC 6749, 4.1)."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from oauth2_provider.views import AuthorizationView

from branding.accounts.notices import send_notice
from branding.api.models import Application
from branding.web.recent_sign_in import require_recent_sign_in
from branding.web.responses import render_page


@method_decorator(never_cache, name="dispatch")
class ConsentView(AuthorizationView):
    """The authorization view of Django OAuth Toolkit with the templates of this site."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Always show the form, since another program may use the client ID (RFC 8252, 8.6)."""
        parameters = request.GET.copy()
        parameters["approval_prompt"] = "force"
        request.GET = parameters  # type: ignore[assignment]  # not the immutable kind
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Grant what the person allowed, after a recent sign-in, and write to them."""
        if request.user.is_authenticated and request.POST.get("allow"):
            require_recent_sign_in(request)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Answer the application, and tell the person by e-mail what they allowed."""
        response = super().form_valid(form)
        application = Application.objects.filter(client_id=form.cleaned_data["client_id"]).first()
        if form.cleaned_data.get("allow") and application:
            send_notice(self.request.user, "access_granted", name=application.name)
        return response

    def redirect(self, redirect_to: str, application: Any) -> HttpResponse:
        """Return a page with a link, as the CSP forbids forms that redirect to another site.

        The toolkit calls this only with a redirect URI that the application registered. Errors name
        the issuer, too (RFC 9207, section 2).
        """
        redirect_to = _with_issuer(redirect_to)
        return render_page(
            self.request,
            "account/return_to_application",
            url=redirect_to,
            there=_display_name(redirect_to),
        )

    def render_to_response(self, context: dict[str, Any], status: int = 200) -> HttpResponse:
        """Render the form, or an error page if the application or its redirect URI is invalid."""
        if "application" not in context:
            return self._render_problem(str(getattr(context.get("error"), "description", "")))
        redirect_uri = _display_name(context["redirect_uri"])
        return render_page(self.request, "account/consent", there=redirect_uri, **context)

    def _render_problem(self, message: str) -> HttpResponse:
        response = render_page(
            self.request,
            "public/problem",
            message=_("This app can't be connected"),
            advice=_("Its request was not valid. %(words)s") % {"words": message},
        )
        response.status_code = 400
        return response


def _with_issuer(redirect_uri: str) -> str:
    """Add the parameter `iss` to a redirect URI that lacks it."""
    url_parts = urlsplit(redirect_uri)
    parameters = parse_qsl(url_parts.query, keep_blank_values=True)
    if "iss" not in dict(parameters):
        parameters.append(("iss", settings.SITE_URL))
    return urlunsplit(url_parts._replace(query=urlencode(parameters)))


def _display_name(address: str) -> str:
    """Return the host of a redirect URI, or its scheme if it belongs to a native application."""
    url_parts = urlsplit(address)
    return url_parts.hostname or url_parts.scheme
