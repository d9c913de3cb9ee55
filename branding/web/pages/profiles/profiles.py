"""Views of the profiles page: which headshot each place shows, and the avatar address."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from branding.public_urls import avatar_url
from branding.web.requests import PageRequest
from branding.web.responses import NO_ID, parse_uuids, redirect_back, render_page
from headshots import selectors
from integrations.places import AVATAR_SLUG
from integrations.publishing import choices, headshot_actions
from integrations.scheduling.selectors import next_run_by_profile
from integrations.selectors import (
    Profile,
    avatar_address_of,
    blocked_batches,
    connection_for,
    current_choices,
    last_sent_times,
    profiles_of,
)


@login_required
@require_GET
def list_profiles(request: PageRequest) -> HttpResponse:
    """Show every profile with its current and its chosen headshot."""
    profiles = profiles_of(request.user)
    pictures = [entry for entry in profiles if entry.choice or entry.connection]
    address = avatar_address_of(request.user)
    return render_page(
        request,
        "profiles/profiles",
        here="profiles",
        wall=_profile_cards(request, pictures),
        could=[entry.place for entry in profiles if entry not in pictures],
        sendable=sum(bool(entry.choice and entry.is_publishable) for entry in profiles),
        address=address,
        address_url=avatar_url(address),
        avatar=next((entry.choice for entry in profiles if entry.place.slug == AVATAR_SLUG), None),
        kept=list(selectors.without_details(selectors.kept_variants_of(request.user))[:24]),
    )


def _profile_cards(request: PageRequest, pictures: list[Profile]) -> list[dict[str, Any]]:
    """Return each profile's picture, its date, its next run, and whether it needs the person."""
    last_change, planned = (
        last_sent_times(request.user),
        next_run_by_profile(request.user, pictures),
    )
    needing_action = blocked_batches(request.user)
    return [
        {
            "place": profile.place,
            "choice": profile.choice,
            "connection": profile.connection,
            "key": profile.key,
            "variant": profile.choice.variant if profile.choice else None,
            "sent_at": last_change.get(profile.key),
            "next": planned.get(profile.key),
            "needs": needing_action.get(profile.key),
        }
        for profile in pictures
    ]


@login_required
@require_POST
def choose_headshot(request: PageRequest) -> HttpResponse:
    """Choose a headshot for places, and for single accounts at them."""
    (pk,) = parse_uuids([request.POST.get("variant", "")]) or [NO_ID]
    variant = selectors.variant_for(request.user, pk)
    wanted_ids = parse_uuids(request.POST.getlist("accounts"))
    accounts = [connection_for(request.user, account) for account in wanted_ids]
    headshot_actions.choose_headshot(variant, request.POST.getlist("places"), accounts)
    return redirect_back(request, "web:profiles")


@login_required
@require_POST
def clear_choice(request: PageRequest) -> HttpResponse:
    """Remove the choice of a headshot for a place."""
    choice = current_choices(request.user).get(request.POST.get("place", ""))
    if choice:
        choices.clear_choice(choice)
    return redirect_back(request, "web:profiles")
