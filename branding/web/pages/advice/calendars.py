"""Views of changes of headshot that events of a calendar suggest: each is approved or dismissed."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from branding.advice import calendar_proposals
from branding.advice.calendar_proposals import usual_zone
from branding.web.advice_forms import CalendarForm
from branding.web.notices import show_result
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from headshots.errors import FacetError
from integrations.errors import BadSchedule


@login_required
@require_http_methods(["GET", "POST"])
def show_proposals(request: PageRequest) -> HttpResponse:
    """Show the proposals and the form for a calendar; a POST reads one."""
    form = CalendarForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and _read_calendar(request, form):
        return redirect("web:advice_calendar")
    changes = calendar_proposals.proposals_of(request.user)
    return render_page(
        request,
        "advice/calendar",
        here="advice",
        form=form,
        zone=usual_zone(request.user),
        changes=changes,
        profiles=calendar_proposals.profiles_to_change(request.user) if changes else [],
    )


def _read_calendar(request: PageRequest, form: CalendarForm) -> bool:
    """Read the calendar of a form and say what was found; show an error and return False else."""
    try:
        upload, address = form.cleaned_data["file"], form.cleaned_data["address"]
        data = upload.read() if upload else calendar_proposals.download_calendar(address)
        count = calendar_proposals.propose_from_calendar(request.user, data, form.words())
    except FacetError as error:
        form.add_error(None, " ".join(text for text in (error.message, error.advice) if text))
        return False
    if not count:
        messages.warning(request, _("No coming event contains one of these words."))
        return True
    text = ngettext("%(count)d event was found.", "%(count)d events were found.", count)
    show_result(request, text % {"count": count})
    return True


@login_required
@require_POST
def approve(request: PageRequest, pk: UUID) -> HttpResponse:
    """Turn a proposal into schedules, for the ticked profiles and until the day of the form."""
    proposal = calendar_proposals.proposal_for(request.user, pk)
    calendar_proposals.approve_proposal(
        proposal,
        request.POST.get("zone", "") or "UTC",
        profile_keys=request.POST.getlist("profiles"),
        back=_read_day(request.POST.get("back", "")),
    )
    links = [(_("See your schedules"), reverse("web:schedules"))]
    show_result(request, _("Scheduled: there and back."), links)
    return redirect("web:advice_calendar")


def _read_day(text: str) -> date | None:
    """Return a day of a form, None where none was given; raises BadSchedule for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadSchedule(_("This is not a day."), advice=_("Choose a later day.")) from error


@login_required
@require_POST
def dismiss(request: PageRequest, pk: UUID) -> HttpResponse:
    """Forget a proposal."""
    calendar_proposals.dismiss_proposal(calendar_proposals.proposal_for(request.user, pk))
    return redirect("web:advice_calendar")
