"""Views of connecting an account: list of platforms, sign-in forms, OAuth callback."""

import secrets
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from branding.accounts.notices import send_notice
from branding.error_middleware import error_payload, http_status_of
from branding.web.forms import ConnectForm
from branding.web.notices import show_result
from branding.web.platform_groups import group_by_topic
from branding.web.recent_sign_in import recent_sign_in_required
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from headshots.wording import word
from integrations.auth.flow import ClientForgotten, SignInCancelled, StateMismatch
from integrations.capabilities import Capability, list_capabilities
from integrations.connections import services as connection_services
from integrations.connections import sign_in_setup
from integrations.errors import PlatformError
from integrations.models import Connection
from integrations.places import all_places
from integrations.platforms.base import Platform
from integrations.platforms.registry import all_platforms
from integrations.selectors import connections_of

BINDING: Final = "connecting"  # session key: binds a callback to the session that began the sign-in
WAITING: Final = "waiting"  # session key: the sign-in that is polled
TRIED: Final = "tried"  # query parameter: how often a callback was redirected to the other name
# The two loopback names: atproto redirects to the address even if the person began at the name.
LOOPBACK: Final = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


@login_required
@vary_on_headers("HX-Request")
@require_GET
def list_platforms(request: PageRequest) -> HttpResponse:
    """List the platforms, with a search, and the accounts that are connected already."""
    query = request.GET.get("q", "")[:80]
    matching: dict[str, Any] = {"words": query, "groups": _grouped_platforms(query)}
    if request.htmx:
        return render_page(request, "connections/_platform_list", **matching)
    accounts = list(connections_of(request.user))
    return render_page(
        request, "connections/connect", here="profiles", accounts=accounts, **matching
    )


def _grouped_platforms(query: str) -> list[dict[str, Any]]:
    """Return the platforms that fit a search, each with its availability, in groups by topic."""
    declared = _declared_platforms()
    rows = [
        {
            "row": capability,
            "place": all_places()[capability.slug],
            "availability": _availability(declared.get(capability.slug)),
        }
        for capability in list_capabilities()
        if capability.matches_query(query)
    ]
    return group_by_topic(rows, lambda entry: entry["row"].slug)


def _availability(platform: Platform | None) -> str:
    """Return whether a platform is ready, must be set up first, or is set by the person."""
    if platform is None:
        return "by_hand"
    return "ready" if sign_in_setup.available_auth_indexes(platform) else "closed"


def _declared_platforms() -> dict[str, Platform]:
    return {declared.slug: declared for declared in all_platforms()}


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
@recent_sign_in_required
def show_platform(request: PageRequest, slug: str) -> HttpResponse:
    """Show one platform: what Facet may do there, and the available ways to connect."""
    capability = _find_capability(slug)
    forms = _auth_forms(request, slug)
    submitted_form = next((form for form in forms if form.is_bound), None)
    if submitted_form and submitted_form.is_valid():
        try:
            return _submit_form(request, capability, submitted_form)
        except PlatformError as error:
            submitted_form.add_error(None, word(f"{error.message} {error.advice}"))
    return _render_platform(request, capability, forms)


@never_cache
@require_GET
def oauth_callback(request: PageRequest, slug: str) -> HttpResponse:
    """Finish a sign-in: the redirect URI to which a platform sends the person back."""
    if other_address := _other_loopback_address(request):
        return redirect(other_address)
    return _finish_sign_in(request, slug)


@never_cache
@login_required
@require_GET
def await_confirmation(request: PageRequest, slug: str) -> HttpResponse:
    """Poll a platform that does not redirect back, until the person has approved there."""
    capability, pending = _find_capability(slug), request.session.get(WAITING, {})
    if pending.get("slug") != slug:
        return redirect("web:connect_platform", slug)
    try:
        connection = connection_services.poll_connection(
            request.user, slug, binding=_session_binding(request), state=pending["state"]
        )
    except PlatformError as error:
        messages.error(request, word(f"{error.message} {error.advice}"))
        return _leave_waiting_page(request, redirect("web:connect_platform", slug))
    if connection:
        return _leave_waiting_page(request, _show_connected(request, connection))
    if request.htmx:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    target = urlsplit(pending["url"]).hostname
    return render_page(
        request,
        "connections/wait_for_approval",
        here="profiles",
        row=capability,
        url=pending["url"],
        there=target,
    )


def _leave_waiting_page(request: PageRequest, target: HttpResponseRedirect) -> HttpResponse:
    """End the wait and go to another page; a polling HTMX request is redirected, too."""
    del request.session[WAITING]
    return HttpResponseClientRedirect(target.url) if request.htmx else target


@cache_control(public=True, max_age=300)
@require_GET
def client_metadata(request: HttpRequest) -> HttpResponse:
    """Return the OAuth client metadata of this installation, which atproto servers read."""
    metadata = sign_in_setup.client_metadata_document()
    if metadata is None:
        raise Http404
    return JsonResponse(metadata)


@login_required
def _finish_sign_in(request: PageRequest, slug: str) -> HttpResponse:
    capability = _find_capability(slug)
    callback_parameters = {name: str(value) for name, value in request.GET.items() if name != TRIED}
    try:
        connection = connection_services.finish_connection(
            request.user,
            slug,
            binding=_session_binding(request),
            callback_parameters=callback_parameters,
        )
    except ClientForgotten as error:  # introduce Facet there again, and go on
        messages.info(request, word(error.message))
        return _begin_again(request, slug, error)
    except SignInCancelled:
        messages.info(request, _("You cancelled. Nothing was connected."))
        return redirect("web:connect_platform", slug)
    except PlatformError as error:
        known = isinstance(error, StateMismatch) and connection_services.find_recent_connection(
            request.user, slug
        )
        if known:  # the page was loaded twice
            return redirect("web:connection", known.pk)
        return _show_problem(request, capability, error)
    return _show_connected(request, connection)


def _begin_again(request: PageRequest, slug: str, forgotten: ClientForgotten) -> HttpResponse:
    try:
        authorization = connection_services.begin_connection(
            request.user,
            slug,
            binding=_session_binding(request),
            auth_index=forgotten.auth_index,
            address=forgotten.server,
        )
    except PlatformError as error:
        return _show_problem(request, _find_capability(slug), error)
    return _show_leave_page(request, authorization.url)


def _show_problem(
    request: PageRequest, capability: Capability, error: PlatformError
) -> HttpResponse:
    message, status = error_payload(error), http_status_of(error)
    forms = _auth_forms(request, capability.slug)
    return _render_platform(request, capability, forms, problem=message, status=status)


def _submit_form(request: PageRequest, capability: Capability, form: ConnectForm) -> HttpResponse:
    """Connect with the pasted credentials, or start a sign-in at the platform."""
    fields = dict(form.cleaned_data)
    server = fields.pop("server", "")
    if form.is_pasted:
        connection = connection_services.connect_with_token(
            request.user, capability.slug, auth_index=form.way, address=server, fields=fields
        )
        return _show_connected(request, connection)
    binding = _session_binding(request)
    authorization = connection_services.begin_connection(
        request.user, capability.slug, binding=binding, auth_index=form.way, address=server
    )
    if authorization.state:
        request.session[WAITING] = {
            "slug": capability.slug,
            "state": authorization.state,
            "url": authorization.url,
        }
        return redirect("web:connect_wait", capability.slug)
    return _show_leave_page(request, authorization.url)


def _show_leave_page(request: PageRequest, url: str) -> HttpResponse:
    """Show a page that leads to the platform.

    It is no redirect, because the CSP forbids forms that redirect to another site.
    """
    response = render_page(
        request, "public/leave_site", here="profiles", url=url, there=urlsplit(url).hostname
    )
    # The sandbox gives the page an opaque origin: atproto servers reject same-site requests.
    response._csp_update = {"sandbox": ["allow-scripts"]}  # type: ignore[attr-defined]
    return response


def _render_platform(
    request: PageRequest, capability: Capability, forms: list[ConnectForm], **context: Any
) -> Any:
    declared_platform = _declared_platforms().get(capability.slug)
    accounts = [
        account for account in connections_of(request.user) if account.slug == capability.slug
    ]
    status = context.pop("status", 200)
    response = render_page(
        request,
        "connections/connect_platform",
        here="profiles",
        row=capability,
        place_name=_(all_places()[capability.slug].name),
        platform=declared_platform,
        forms=forms,
        accounts=accounts,
        redirect_uri=sign_in_setup.build_redirect_uri(capability.slug),
        set_up=not declared_platform
        or not declared_platform.needs
        or bool(sign_in_setup.operator_credentials(declared_platform)),
        **context,
    )
    response.status_code = status
    return response


def _auth_forms(request: PageRequest, slug: str) -> list[ConnectForm]:
    """Return a form for each available way to connect; the submitted one is bound."""
    platform = _declared_platforms().get(slug)
    if platform is None:
        return []
    submitted = request.POST.get("way") if request.method == "POST" else None
    server = request.GET.get("server", "")
    return [
        ConnectForm(
            request.POST if str(auth_index) == submitted else None,
            platform=platform,
            way=auth_index,
            initial={"server": server},
        )
        for auth_index in sign_in_setup.available_auth_indexes(platform)
    ]


def _find_capability(slug: str) -> Capability:
    for capability in list_capabilities():
        if capability.slug == slug:
            return capability
    raise Http404


def _show_connected(request: PageRequest, connection: Connection) -> HttpResponseRedirect:
    text = _("%(name)s is connected.") % {"name": connection.account_name}
    show_result(request, text, [(_("Continue to my profiles"), reverse("web:profiles"))])
    send_notice(request.user, "connection_created", name=connection.account_name)
    return redirect("web:connection", connection.pk)


def _session_binding(request: PageRequest) -> str:
    if BINDING not in request.session:
        request.session[BINDING] = secrets.token_urlsafe(32)
    return request.session[BINDING]


def _other_loopback_address(request: PageRequest) -> str:
    """Return the callback's URL under the other loopback name, if the sign-in began there.

    A session without a started sign-in is not the one that began it. If there is none under the
    other name either, the callback is redirected back once.
    """
    host, colon, port = request.get_host().partition(":")
    already_tried = request.GET.get(TRIED, "")
    is_here = already_tried == "1" and request.user.is_authenticated
    if BINDING in request.session or host not in LOOPBACK or already_tried == "2" or is_here:
        return ""
    query = request.GET.copy()
    query[TRIED] = "2" if already_tried else "1"
    return f"{request.scheme}://{LOOPBACK[host]}{colon}{port}{request.path}?{query.urlencode()}"
