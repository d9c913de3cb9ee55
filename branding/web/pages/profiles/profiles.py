"""Views of the profiles page: which headshot each place shows, and the avatar address."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from branding.web.notices import show_result
from branding.web.platform_groups import suggest_profiles
from branding.web.profile_cards import build_cards
from branding.web.requests import PageRequest
from branding.web.responses import NO_ID, parse_uuids, redirect_back, render_page
from headshots import selectors
from headshots.models import Variant
from integrations.places import all_places
from integrations.publishing import choices
from integrations.selectors import connection_for, current_choices, profiles_of

HEADSHOTS: Final = 24  # kept headshots to choose from
LATEST: Final = 10  # of the newest sheet, as long as none is kept


@login_required
@require_GET
def list_profiles(request: PageRequest) -> HttpResponse:
    """Show the person's profiles, each with its state; ask for them as long as there are none."""
    profiles = profiles_of(request.user)
    cards = build_cards(request.user, profiles)
    return render_page(
        request,
        "profiles/profiles",
        here="profiles",
        cards=cards,
        good=sum(card.state.code == "good" for card in cards),
        headshot_count=len({card.variant.pk for card in cards if card.variant}),
        sendable=sum(bool(card.choice and card.profile.is_publishable) for card in cards),
        suggested=suggest_profiles(profiles),
        kept=_usable_headshots(request),
    )


def _usable_headshots(request: PageRequest) -> list[Variant]:
    """Return the headshots to choose from: those that are kept, else the newest ones."""
    kept = list(selectors.without_details(selectors.kept_variants_of(request.user))[:HEADSHOTS])
    if kept:
        return kept
    ready = selectors.only_usable(selectors.variants_of(request.user))
    return list(selectors.without_details(ready.order_by("-render__created_at", "number"))[:LATEST])


@login_required
@require_GET
def offer_headshots(request: PageRequest, key: str) -> HttpResponse:
    """Show the headshots to choose from for one profile: as a dialog for a script, else a page."""
    profile = next((entry for entry in profiles_of(request.user) if entry.key == key), None)
    if profile is None:
        raise Http404
    return render_page(
        request,
        "profiles/_headshot_form" if request.htmx else "profiles/choose_headshot",
        here="profiles",
        profile=profile,
        kept=_usable_headshots(request),
    )


@login_required
@require_POST
def choose_headshot(request: PageRequest) -> HttpResponse:
    """Choose a headshot for places, and for single accounts at them."""
    (pk,) = parse_uuids([request.POST.get("variant", "")]) or [NO_ID]
    variant = selectors.variant_for(request.user, pk)
    wanted_ids = parse_uuids(request.POST.getlist("accounts"))
    accounts = [connection_for(request.user, account) for account in wanted_ids]
    slugs = request.POST.getlist("places")
    choices.choose_variant(variant, slugs, accounts)
    _show_choice(request, variant, [account.platform.name for account in accounts], slugs)
    return redirect_back(request, "web:profiles")


def _show_choice(
    request: PageRequest, variant: Variant, account_names: list[str], slugs: list[str]
) -> None:
    """Say for which profiles a headshot is used now, and what comes next."""
    names = [*account_names, *(_(all_places()[slug].name) for slug in slugs)]
    if not names:
        show_result(request, _("Nothing was changed: no profile was chosen."))
        return
    download = reverse("web:variant_download", args=[variant.pk])
    first_place = f"?place={slugs[0]}" if slugs else ""
    show_result(
        request,
        _("Set for %(profiles)s. Nothing is sent yet.")
        % {"profiles": get_text_list(names, _("and"))},
        [
            (_("Continue to my profiles"), reverse("web:profiles")),
            (_("Download"), f"{download}{first_place}"),
        ],
    )


@login_required
@require_POST
def clear_choice(request: PageRequest) -> HttpResponse:
    """Remove the choice of a headshot for a place."""
    choice = current_choices(request.user).get(request.POST.get("place", ""))
    if choice:
        choices.clear_choice(choice)
        text = _("%(profile)s is removed here. Nothing was changed there.")
        show_result(request, text % {"profile": _(choice.place_details.name)})
    return redirect_back(request, "web:profiles")
