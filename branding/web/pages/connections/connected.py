"""The pages of one connected account: its live picture, its headshot, and the end of it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.web.responses import page
from headshots.selectors import kept_by
from integrations.connections import services as connection_services
from integrations.models import Connection
from integrations.places import frames
from integrations.selectors import connection_for, profiles_of

PATIENCE: Final = timedelta(seconds=30)  # that a page waits for a worker's look
PICKS: Final = 24


@login_required
@require_GET
def connection(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One account: what hangs there, what shall hang there."""
    found = connection_for(request.user, pk)
    told = _live(found, request.GET.get("since", ""))
    if request.htmx:
        return page(request, "connections/_current_picture", **told)
    profile = next(one for one in profiles_of(request.user) if one.connection == found)
    kept = list(kept_by(request.user)[:PICKS])
    return page(
        request, "connections/connection", here="profiles", profile=profile, kept=kept, **told
    )


@login_required
@require_POST
def look(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Look again what hangs there."""
    found = connection_for(request.user, pk)
    since = str(int(time.time() * 1000))
    connection_services.look_soon(found)
    if request.htmx:
        return page(request, "connections/_current_picture", **_live(found, since))
    return redirect(f"{reverse('web:connection', args=[pk])}?since={since}")


@login_required
@require_GET
def portrait(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What hangs there, small, as it was last seen; for its owner."""
    found = connection_for(request.user, pk)
    if not found.portrait:
        raise Http404
    headers = {"Cache-Control": "private, max-age=86400"}
    return HttpResponse(bytes(found.portrait), content_type="image/jpeg", headers=headers)


@login_required
@require_http_methods(["GET", "POST"])
def disconnect(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask once, then revoke and forget."""
    found = connection_for(request.user, pk)
    if request.method == "GET":
        tells = connection_services.will_tell(found)
        return page(
            request, "connections/disconnect", here="profiles", connection=found, tells=tells
        )
    told = {"name": found.account_name, "place": found.platform.name}
    if not found.is_connected:
        connection_services.disconnect(found)
        messages.success(request, _("%(name)s is disconnected.") % told)
    elif connection_services.disconnect(found):
        messages.success(request, _("%(name)s is disconnected, and %(place)s was told.") % told)
    else:
        messages.warning(
            request,
            _(
                "%(name)s is disconnected here. %(place)s could not be told: remove Facet, or the "
                "token you made, in your settings there."
            )
            % told,
        )
    return redirect("web:connect")


def _live(found: Connection, since: str) -> dict[str, Any]:
    """The account, and whether a worker is still to look at it."""
    asked = _moment(since) or found.connected_at
    unseen = found.looked_at is None or found.looked_at < asked
    return {
        "connection": found,
        "frame": frames()[found.slug],
        "since": since,
        "unseen": unseen,
        "waiting": unseen and found.is_connected and timezone.now() - asked < PATIENCE,
    }


def _moment(since: str) -> datetime | None:
    """When somebody asked to look, in milliseconds since 1970."""
    if not (since.isascii() and since.isdigit() and len(since) < 15):
        return None
    return datetime.fromtimestamp(int(since) / 1000, UTC)
