"""The board of profiles: what hangs where, what could, and the person's own avatar address."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from branding.public_urls import avatar_url
from branding.web.responses import back, ids, page
from headshots import selectors
from integrations.places import AVATAR
from integrations.publishing import choices, decisions
from integrations.scheduling.selectors import next_by_profile
from integrations.selectors import (
    Profile,
    address_of,
    connection_for,
    current_choices,
    last_sent,
    needing,
    profiles_of,
)


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The wall."""
    profiles = profiles_of(request.user)
    hung = [one for one in profiles if one.choice or one.connection]
    address = address_of(request.user)
    return page(
        request,
        "profiles/profiles",
        here="profiles",
        wall=_wall(request, hung),
        could=[one.frame for one in profiles if one not in hung],
        sendable=sum(bool(one.choice and one.takes_part) for one in profiles),
        address=address,
        address_url=avatar_url(address),
        avatar=next((one.choice for one in profiles if one.frame.slug == AVATAR), None),
        kept=list(selectors.laid_out(selectors.kept_by(request.user))[:24]),
    )


def _wall(request: HttpRequest, hung: list[Profile]) -> list[dict[str, Any]]:
    """Each picture with its label: since when, what is next, and whether it needs the person."""
    sent, planned = last_sent(request.user), next_by_profile(request.user, hung)
    needs = needing(request.user)
    return [
        {
            "frame": one.frame,
            "choice": one.choice,
            "connection": one.connection,
            "key": one.key,
            "variant": one.choice.variant if one.choice else None,
            "sent_at": sent.get(one.key),
            "next": planned.get(one.key),
            "needs": needs.get(one.key),
        }
        for one in hung
    ]


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a headshot for some places, and for some accounts of their own."""
    (pk,) = ids([request.POST.get("variant", "")]) or [None]
    found = selectors.variant_for(request.user, pk)
    told = ids(request.POST.getlist("accounts"))
    accounts = [connection_for(request.user, account) for account in told]
    decisions.choose(found, request.POST.getlist("places"), accounts)
    return back(request, "web:profiles")


@login_required
@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Take a picture off its place."""
    choice = current_choices(request.user).get(request.POST.get("place", ""))
    if choice:
        choices.clear(choice)
    return back(request, "web:profiles")
