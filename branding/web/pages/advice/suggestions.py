"""Views of the suggestions: for whom a person wants to be seen, and which headshot suits where."""

from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.advice import services
from branding.advice.library import load_library
from branding.advice.local_trends import local_trends
from branding.advice.models import AdviceSettings
from branding.advice.selectors import (
    Advisor,
    Suggestion,
    Wishes,
    advice_settings_of,
    advisor_of,
    application_advice,
    require_settings,
    seen_first,
    suggest,
    suggestions_of,
    wishes_of,
)
from branding.web.advice_cards import build_card, build_cards, build_trend_notes
from branding.web.advice_forms import AdviceForm
from branding.web.notices import show_result
from branding.web.platform_groups import suggest_profiles
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from headshots.wording import word
from integrations.selectors import profiles_of

LIKELY_PLACES: Final = 6  # for which headshots are suggested to who chose no profile yet


@login_required
@require_GET
def show_suggestions(request: PageRequest) -> HttpResponse:
    """Show which headshot suits each profile and why; ask for whom first."""
    advice_settings = advice_settings_of(request.user)
    if advice_settings is None:
        return render_settings_form(request, AdviceForm(), is_new=True)
    wishes = wishes_of(advice_settings)
    advisor = advisor_of(request.user, wishes)
    suggestions = suggestions_of(request.user, advisor)
    likely = [] if suggestions else _suggest_for_likely_places(request, advisor)
    application = application_advice(advisor)
    return render_page(
        request,
        "advice/suggestions",
        here="advice",
        cards=build_cards(suggestions or likely),
        is_likely=bool(likely),
        application=build_card(*application) if application else None,
        change_count=sum(suggestion.is_change for suggestion in suggestions),
        trends=build_trend_notes(),
        local_trends=local_trends(),
        can_undo=bool(advice_settings.replaced_choices),
        **_describe_person(wishes),
    )


def _suggest_for_likely_places(request: PageRequest, advisor: Advisor) -> list[Suggestion]:
    """Suggest for places where people like this are seen, to somebody who chose no profile yet."""
    if not advisor.variants:
        return []
    profiles = seen_first(suggest_profiles(profiles_of(request.user)), advisor.wishes)
    return suggest(advisor, profiles[:LIKELY_PLACES])


def _describe_person(wishes: Wishes) -> dict[str, Any]:
    """Return the titles of what the person said about themselves."""
    library = load_library()
    return {
        "role": library.roles[wishes.role].title,
        "audiences": [word(library.audiences[slug].title) for slug in wishes.audiences],
        "country": library.conventions[wishes.country].name if wishes.country else "",
    }


@login_required
@require_http_methods(["GET", "POST"])
def edit_settings(request: PageRequest) -> HttpResponse:
    """Show and save for whom the person wants to be seen."""
    saved = advice_settings_of(request.user)
    form = AdviceForm(request.POST or None, instance=saved or _new_settings(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("web:advice")
    return render_settings_form(request, form, is_new=saved is None)


def render_settings_form(request: PageRequest, form: AdviceForm, *, is_new: bool) -> HttpResponse:
    """Return the page that asks for whom the person wants to be seen."""
    return render_page(request, "advice/settings", here="advice", form=form, is_new=is_new)


def _new_settings(request: PageRequest) -> AdviceSettings:
    """Return the row to save into, also where one with an unknown role is there."""
    row = AdviceSettings.objects.filter(owner=request.user).first()
    return row or AdviceSettings(owner=request.user)


@login_required
@require_POST
def use_suggestions(request: PageRequest) -> HttpResponse:
    """Choose the suggested headshot for every profile. Nothing is sent."""
    count = services.use_suggestions(require_settings(request.user))
    text = ngettext(
        "Chosen for %(count)d profile. Nothing is sent yet.",
        "Chosen for %(count)d profiles. Nothing is sent yet.",
        count,
    )
    links = [(_("Continue to my profiles"), reverse("web:profiles"))]
    show_result(request, text % {"count": count}, links)
    return redirect("web:advice")


@login_required
@require_POST
def undo_suggestions(request: PageRequest) -> HttpResponse:
    """Choose again what the suggestions replaced."""
    count = services.undo_suggestions(require_settings(request.user))
    text = ngettext(
        "%(count)d profile is as it was before.",
        "%(count)d profiles are as they were before.",
        count,
    )
    show_result(request, text % {"count": count})
    return redirect("web:advice")
