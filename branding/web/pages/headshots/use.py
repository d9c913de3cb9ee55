"""View of the dialog that asks for which profiles a headshot is used."""

from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from branding.advice.selectors import advice_settings_of, advisor_of, ranks_of_variant, wishes_of
from branding.web.platform_groups import suggest_profiles
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from headshots import selectors
from headshots.models import Variant
from integrations.selectors import Profile, profiles_of

SUGGESTIONS: Final = 6  # places that are suggested before the others
LAST_RANK: Final = 1000  # of a place where the headshot has none


@login_required
@require_GET
def offer_profiles(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show the profiles to choose from: as a dialog for a script, else as a page."""
    variant = selectors.variant_for(request.user, pk)
    profiles = profiles_of(request.user)
    ranks = _rank_variant(request, variant, profiles)
    return render_page(
        request,
        "headshots/_use_form" if request.htmx else "headshots/use",
        here="headshots",
        variant=variant,
        groups=_group_profiles(profiles, ranks),
        ranks=ranks,
        return_to=_page_behind(request, variant),
    )


def _rank_variant(
    request: PageRequest, variant: Variant, profiles: list[Profile]
) -> dict[str, int]:
    """Return how well the headshot suits each place, if the person asked for advice."""
    advice_settings = advice_settings_of(request.user)
    if advice_settings is None:
        return {}
    own_profiles = [profile for profile in profiles if profile.is_in_use]
    places = [profile.place.slug for profile in (*own_profiles, *suggest_profiles(profiles))]
    advisor = advisor_of(request.user, wishes_of(advice_settings))
    return ranks_of_variant(advisor, variant, places)


def _group_profiles(profiles: list[Profile], ranks: dict[str, int]) -> list[dict[str, Any]]:
    """Return the person's own profiles, suggested places, and all other places.

    Of the first two, those come first that the headshot suits best.
    """

    def rank(profile: Profile) -> int:
        return ranks.get(profile.place.slug, LAST_RANK)

    own_profiles = [profile for profile in profiles if profile.is_in_use]
    other_profiles = [profile for profile in profiles if not profile.is_in_use]
    own_profiles.sort(key=rank)
    suggested = sorted(suggest_profiles(other_profiles), key=rank)[:SUGGESTIONS]
    others = [profile for profile in other_profiles if profile not in suggested]
    return [
        {"label": _("My profiles"), "profiles": own_profiles},
        {"label": _("Suggested"), "profiles": suggested},
        {"label": _("All others"), "profiles": others},
    ]


def _page_behind(request: PageRequest, variant: Variant) -> str:
    """Return the path to go back to: the sheet with this headshot selected, or its own page."""
    if "alone" in request.GET or not request.htmx:
        return reverse("web:variant", args=[variant.pk])
    behind = urlsplit(request.htmx.current_url or "").path
    return f"{behind}?frame={variant.pk}" if behind else reverse("web:sheets")
