"""The response to a request for a host that is not this installation's, and its line in the log."""

import logging
from typing import Final

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from branding.error_middleware import wants_json

MAX_LOGGED_HOSTS: Final = 20  # in a process; visitors can send any number of hosts
_logged_hosts: set[str] = set()

log = logging.getLogger(__name__)


def answer_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what an operator has to set if the host was rejected; the usual page otherwise."""
    if not isinstance(exception, DisallowedHost):
        return defaults.bad_request(request, exception)
    _log_once(split_domain_port(request.META.get("HTTP_HOST", ""))[0])
    error = {
        "code": "wrong_host",
        "message": _("Facet is not known by this address."),
        "advice": _(
            "If you run it: set SITE_URL to the address that people use, or add this host to "
            "ALLOWED_HOSTS; a proxy in front of it must keep the header Host."
        ),
    }
    if wants_json(request):
        return JsonResponse(error, status=400)
    return render(request, "web/public/problem.html", error, status=400)


def _log_once(host: str) -> None:
    """Log a rejected host the first time; an invalid one has no name."""
    if host in _logged_hosts or len(_logged_hosts) >= MAX_LOGGED_HOSTS:
        return
    _logged_hosts.add(host)
    log.warning(
        "A request for the host '%s' was refused. If it is this installation's, set SITE_URL or "
        "ALLOWED_HOSTS to it; a proxy must keep the header Host.",
        host[:100],
    )
