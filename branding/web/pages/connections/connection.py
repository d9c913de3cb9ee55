"""Views of one connected account: its current picture, its chosen headshot, disconnecting."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.web.recent_sign_in import recent_sign_in_required
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from headshots.selectors import kept_variants_of
from integrations.connections import pictures as connection_pictures
from integrations.connections import services as connection_services
from integrations.models import Connection
from integrations.places import all_places
from integrations.selectors import connection_for, profiles_of

CHECK_TIMEOUT: Final = timedelta(seconds=30)  # that a page waits for a worker to read the picture
HEADSHOT_LIMIT: Final = 24


@login_required
@require_GET
def show_connection(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show an account with its current picture and the headshot that is chosen for it."""
    account = connection_for(request.user, pk)
    account_context = _account_and_checking(account, request.GET.get("since", ""))
    if request.htmx:
        return render_page(request, "connections/_current_picture", **account_context)
    profile = next(entry for entry in profiles_of(request.user) if entry.connection == account)
    kept_headshots = list(kept_variants_of(request.user)[:HEADSHOT_LIMIT])
    return render_page(
        request,
        "connections/connection",
        here="profiles",
        profile=profile,
        kept=kept_headshots,
        **account_context,
    )


@login_required
@require_POST
def refresh_current_picture(request: PageRequest, pk: UUID) -> HttpResponse:
    """Have a worker read the current picture of the account again."""
    account = connection_for(request.user, pk)
    since = str(int(time.time() * 1000))
    connection_pictures.enqueue_picture_fetch(account)
    if request.htmx:
        return render_page(
            request, "connections/_current_picture", **_account_and_checking(account, since)
        )
    return redirect(f"{reverse('web:connection', args=[pk])}?since={since}")


@login_required
@require_GET
def current_picture(request: PageRequest, pk: UUID) -> HttpResponse:
    """Return a thumbnail of the account's picture as it was last read; only for its owner."""
    account = connection_for(request.user, pk)
    if not account.portrait:
        raise Http404
    headers = {"Cache-Control": "private, max-age=14400"}
    return HttpResponse(bytes(account.portrait), content_type="image/jpeg", headers=headers)


@login_required
@require_http_methods(["GET", "POST"])
@recent_sign_in_required
def disconnect_account(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show a confirmation; a POST revokes the access and deletes the tokens."""
    account = connection_for(request.user, pk)
    if request.method == "GET":
        can_revoke = connection_services.can_revoke(account)
        return render_page(
            request, "connections/disconnect", here="profiles", connection=account, tells=can_revoke
        )
    _end_connection(request, account)
    return redirect("web:connect")


def _end_connection(request: PageRequest, account: Connection) -> None:
    """Disconnect an account, and say whether its platform has revoked the access."""
    names = {"name": account.account_name, "place": account.service_name}
    was_connected = account.is_connected
    was_revoked = connection_services.end_connection(account)
    if not was_connected:
        messages.success(request, _("%(name)s is disconnected.") % names)
    elif was_revoked:
        messages.success(
            request, _("%(name)s is disconnected, and %(place)s removed our access.") % names
        )
    else:
        messages.warning(
            request,
            _(
                "%(name)s is disconnected here. We could not reach %(place)s: please remove "
                "Facet, or the token you made, in your settings there."
            )
            % names,
        )


def _account_and_checking(account: Connection, since_text: str) -> dict[str, Any]:
    """Return the account, and whether its current picture is still to be read by a worker."""
    requested_at = _requested_at(since_text) or account.connected_at
    is_unseen = account.looked_at is None or account.looked_at < requested_at
    return {
        "connection": account,
        "frame": all_places()[account.slug],
        "since": since_text,
        "unseen": is_unseen,
        "waiting": is_unseen
        and account.is_connected
        and timezone.now() - requested_at < CHECK_TIMEOUT,
    }


def _requested_at(since: str) -> datetime | None:
    """Parse the time of a request to read the picture, in milliseconds since 1970."""
    if not (since.isascii() and since.isdigit() and len(since) < 15):
        return None
    return datetime.fromtimestamp(int(since) / 1000, UTC)
