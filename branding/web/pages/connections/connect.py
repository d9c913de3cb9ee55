"""The pages of connecting: every platform, one platform's ways in, and the way back from there."""

import secrets
from collections.abc import Iterable
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
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from branding.error_middleware import in_words, status_of
from branding.web.forms import ConnectForm
from branding.web.responses import page
from integrations.auth.flow import SignInCancelled
from integrations.capabilities import Capability, matrix
from integrations.connections import flows
from integrations.connections import services as connection_services
from integrations.errors import PlatformError
from integrations.models import Connection
from integrations.platforms.base import Platform
from integrations.platforms.registry import platforms
from integrations.selectors import connections_of

BINDING: Final = "connecting"  # in the session: what ties an answer to whoever asked
WAITING: Final = "waiting"  # in the session: the question whose answer is asked for
TRIED: Final = "tried"  # how often an answer was carried over to the other name
# This machine's two names: atproto brings people back to the number, whoever began at the name.
LOOPBACK: Final = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


@login_required
@vary_on_headers("HX-Request")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every platform, searchable, and what is connected already."""
    words = request.GET.get("q", "")[:80]
    found = {"words": words, **_sorted(row for row in matrix() if row.fits(words))}
    if request.htmx:
        return page(request, "connections/_platform_list", **found)
    accounts = list(connections_of(request.user))
    return page(request, "connections/connect", here="profiles", accounts=accounts, **found)


def _sorted(rows: Iterable[Capability]) -> dict[str, list[Capability]]:
    """What can be connected now, what has to be set up first, and what has no way in."""
    known = _declared()
    found: dict[str, list[Capability]] = {"ready": [], "closed": [], "by_hand": []}
    for row in rows:
        is_open = row.slug in known and flows.open_ways(known[row.slug])
        name = "ready" if is_open else "closed" if row.slug in known else "by_hand"
        found[name].append(row)
    return found


def _declared() -> dict[str, Platform]:
    return {one.slug: one for one in platforms()}


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def platform(request: HttpRequest, slug: str) -> HttpResponse:
    """One platform: what it will be asked for, and every way in that is open here."""
    row = _row(slug)
    forms = _forms(request, slug)
    sent = next((form for form in forms if form.is_bound), None)
    if sent and sent.is_valid():
        try:
            return _connect(request, row, sent)
        except PlatformError as error:
            sent.add_error(None, f"{error.message} {error.advice}")
    return _shown(request, row, forms)


@never_cache
@require_GET
def callback(request: HttpRequest, slug: str) -> HttpResponse:
    """Where a platform sends the person back to."""
    if there := _other_name(request):
        return redirect(there)
    return _returned(request, slug)


@never_cache
@login_required
@require_GET
def wait(request: HttpRequest, slug: str) -> HttpResponse:
    """Whether the person has said yes at a platform that does not send them back."""
    row, told = _row(slug), request.session.get(WAITING, {})
    if told.get("slug") != slug:
        return redirect("web:connect_platform", slug)
    try:
        made = connection_services.ask(
            request.user, slug, binding=_binding(request), state=told["state"]
        )
    except PlatformError as error:
        messages.error(request, f"{error.message} {error.advice}")
        return _on(request, redirect("web:connect_platform", slug))
    if made:
        return _on(request, _welcome(request, made))
    if request.htmx:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    there = urlsplit(told["url"]).hostname
    return page(
        request,
        "connections/wait_for_approval",
        here="profiles",
        row=row,
        url=told["url"],
        there=there,
    )


def _on(request: HttpRequest, there: HttpResponseRedirect) -> HttpResponse:
    """The wait is over: to another page, also from a request that only looks."""
    del request.session[WAITING]
    return HttpResponseClientRedirect(there.url) if request.htmx else there


@cache_control(public=True, max_age=300)
@require_GET
def document(request: HttpRequest) -> HttpResponse:
    """What authorization servers of atproto read about this installation."""
    told = flows.document()
    if told is None:
        raise Http404
    return JsonResponse(told)


@login_required
def _returned(request: HttpRequest, slug: str) -> HttpResponse:
    row = _row(slug)
    answer = {name: value for name, value in request.GET.items() if name != TRIED}
    try:
        made = connection_services.finish(
            request.user, slug, binding=_binding(request), answer=answer
        )
    except SignInCancelled:
        messages.info(request, _("You said no, and that is fine. Nothing was connected."))
        return redirect("web:connect_platform", slug)
    except PlatformError as error:
        told, status = in_words(error), status_of(error)
        return _shown(request, row, _forms(request, slug), problem=told, status=status)
    return _welcome(request, made)


def _connect(request: HttpRequest, row: Capability, form: ConnectForm) -> HttpResponse:
    """Keep what was pasted, or send the person to the platform."""
    told = dict(form.cleaned_data)
    server = told.pop("server", "")
    if form.is_pasted:
        made = connection_services.paste(
            request.user, row.slug, way=form.way, told=server, fields=told
        )
        return _welcome(request, made)
    asked = connection_services.begin(
        request.user, row.slug, binding=_binding(request), way=form.way, told=server
    )
    if asked.state:
        request.session[WAITING] = {"slug": row.slug, "state": asked.state, "url": asked.url}
        return redirect("web:connect_wait", row.slug)
    # A page and no redirect: our policy lets no form lead to another site, redirected or not.
    answer = page(
        request,
        "public/leave_site",
        here="profiles",
        url=asked.url,
        there=urlsplit(asked.url).hostname,
    )
    # From an origin of its own: atproto servers turn away whoever comes from the same site.
    answer._csp_update = {"sandbox": ["allow-scripts"]}  # type: ignore[attr-defined]
    return answer


def _shown(request: HttpRequest, row: Capability, forms: list[ConnectForm], **told: Any) -> Any:
    known = _declared().get(row.slug)
    accounts = [one for one in connections_of(request.user) if one.slug == row.slug]
    status = told.pop("status", 200)
    answer = page(
        request,
        "connections/connect_platform",
        here="profiles",
        row=row,
        platform=known,
        forms=forms,
        accounts=accounts,
        redirect_uri=flows.redirect_uri(row.slug),
        set_up=not known or not known.needs or bool(flows.credentials(known)),
        **told,
    )
    answer.status_code = status
    return answer


def _forms(request: HttpRequest, slug: str) -> list[ConnectForm]:
    """A form for each open way; the one that was sent is bound."""
    known = _declared().get(slug)
    sent = request.POST.get("way") if request.method == "POST" else None
    server = request.GET.get("server", "")
    return [
        ConnectForm(
            request.POST if str(way) == sent else None,
            platform=known,
            way=way,
            initial={"server": server},
        )
        for way in (flows.open_ways(known) if known else ())
    ]


def _row(slug: str) -> Capability:
    for row in matrix():
        if row.slug == slug:
            return row
    raise Http404


def _welcome(request: HttpRequest, connection: Connection) -> HttpResponseRedirect:
    messages.success(request, _("%(name)s is connected.") % {"name": connection.account_name})
    return redirect("web:connection", connection.pk)


def _binding(request: HttpRequest) -> str:
    if BINDING not in request.session:
        request.session[BINDING] = secrets.token_urlsafe(32)
    return request.session[BINDING]


def _other_name(request: HttpRequest) -> str:
    """This address under this machine's other name, if whoever asked did so there.

    A session that asked nothing is not the one; if there is none at the other name either, the
    answer is carried back once.
    """
    host, colon, port = request.get_host().partition(":")
    tried = request.GET.get(TRIED, "")
    is_here = tried == "1" and request.user.is_authenticated
    if BINDING in request.session or host not in LOOPBACK or tried == "2" or is_here:
        return ""
    query = request.GET.copy()
    query[TRIED] = "2" if tried else "1"
    return f"{request.scheme}://{LOOPBACK[host]}{colon}{port}{request.path}?{query.urlencode()}"
