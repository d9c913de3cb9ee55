"""Views of a person's story: what each profile shall tell, and whether the set agrees."""

from datetime import date
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from branding.advice import services
from branding.advice.library import load_library
from branding.advice.place_goals import describe_place
from branding.advice.selectors import (
    advice_settings_of,
    profile_headshots,
    require_settings,
    wishes_of,
)
from branding.advice.story import ProfileHeadshot, find_contradictions, refresh_date
from branding.web.advice_forms import AdviceForm
from branding.web.notices import show_result
from branding.web.pages.advice.suggestions import render_settings_form
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from integrations.places import Place
from integrations.selectors import Profile, profiles_of

COMPARED: Final = (
    ("place", gettext_lazy("Background")),
    ("smile", gettext_lazy("Expression")),
    ("contrast", gettext_lazy("Light")),
    ("crop", gettext_lazy("Crop")),
)


@login_required
@require_GET
def show_story(request: PageRequest) -> HttpResponse:
    """Show what each profile shall tell, the set side by side, and when to refresh it."""
    advice_settings = advice_settings_of(request.user)
    if advice_settings is None:
        return render_settings_form(request, AdviceForm(), is_new=True)
    wishes = wishes_of(advice_settings)
    own_profiles = _own_profiles(request)
    compared = profile_headshots(own_profiles, wishes)
    headshots = [headshot for _profile, headshot in compared]
    return render_page(
        request,
        "advice/story",
        here="advice",
        role=load_library().roles[wishes.role].title,
        places=[describe_place(place, wishes) for place in _places_of(own_profiles)],
        profiles=[profile for profile, _headshot in compared],
        rows=_compare(headshots),
        contradictions=find_contradictions(headshots),
        **_describe_refresh(headshots),
    )


def _own_profiles(request: PageRequest) -> list[Profile]:
    return [profile for profile in profiles_of(request.user) if profile.is_in_use]


def _places_of(profiles: list[Profile]) -> list[Place]:
    return list({profile.place.slug: profile.place for profile in profiles}.values())


def _compare(headshots: list[ProfileHeadshot]) -> list[dict[str, Any]]:
    """Return a row for each thing that is compared, with what each profile shows."""
    library = load_library()
    rows: list[dict[str, Any]] = [
        {"label": _("Photo added"), "dates": [headshot.photo_date for headshot in headshots]}
    ]
    for group, label in COMPARED:
        cells = [headshot.describe(group, library) for headshot in headshots]
        if any(cells):
            rows.append({"label": label, "cells": cells})
    return rows


def _describe_refresh(headshots: list[ProfileHeadshot]) -> dict[str, Any]:
    """Return from when the oldest photo should be replaced, and whether that is now."""
    due: date | None = refresh_date(headshots)
    return {"refresh_due": due, "is_refresh_due": due is not None and due <= timezone.now().date()}


@login_required
@require_POST
def save_weights(request: PageRequest) -> HttpResponse:
    """Save what a place shall tell, for it alone or for all; or return to the proposal."""
    advice_settings = require_settings(request.user)
    places = [place.slug for place in _places_of(_own_profiles(request))]
    place = request.POST.get("place", "")
    if place not in places:
        raise Http404
    chosen = places if request.POST.get("all") else [place]
    if "reset" in request.POST:
        services.clear_own_weights(advice_settings, chosen)
        show_result(request, _("Back to our proposal."))
        return redirect("web:story")
    services.save_own_weights(advice_settings, chosen, _read_weights(request))
    show_result(request, _("Saved. The suggestions follow it."))
    return redirect("web:story")


def _read_weights(request: PageRequest) -> dict[str, int]:
    """Return the weight of each goal in a form; what is no number counts as out of range."""
    texts = {goal: request.POST.get(goal, "0") for goal in load_library().goals}
    return {
        goal: int(text) if text.isascii() and text.isdigit() and len(text) < 3 else -1
        for goal, text in texts.items()
    }
