"""The pages of what happens by itself: schedules, how their runs went, and the month."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.public_urls import calendar_url
from branding.web.responses import page
from branding.web.schedule_forms import PlanForm, initial_of
from headshots.errors import FacetError
from integrations.models import Run, Schedule
from integrations.recurrence import zones
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import Plan
from integrations.selectors import receipts_of

LAST_RUNS: Final = 20
YEARS: Final = 2  # that can be leafed through
VERBS: Final = {
    "pause": (scheduling_services.pause, _("Paused. Nothing runs until you resume it.")),
    "resume": (scheduling_services.resume, _("It runs again from now on.")),
    "skip": (scheduling_services.skip_next, _("The next run is left out.")),
    "end": (scheduling_services.end, _("It is over. What it did stays in the history.")),
}


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every schedule, and how the last runs went."""
    found = list(schedule_selectors.schedules_of(request.user))
    for one in found:
        one.next_ones = schedule_selectors.next_runs(one, 3)
    return page(
        request,
        "schedules/schedules",
        here="profiles",
        schedules=[one for one in found if one.state != Schedule.State.ENDED],
        ended=[one for one in found if one.state == Schedule.State.ENDED],
        last=list(schedule_selectors.runs_of(request.user)[:LAST_RUNS]),
        feed=_feed_url(request),
    )


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Plan something; `look` shows the next ten runs, `save` keeps it."""
    form = PlanForm(request.POST or None, owner=request.user)
    if "save" in request.POST and _tried(form, partial(scheduling_services.create, request.user)):
        messages.success(request, _("Saved. It happens by itself from now on."))
        return redirect("web:schedules")
    return _form(request, form)


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """See and change one schedule."""
    found = schedule_selectors.schedule_for(request.user, pk)
    form = PlanForm(request.POST or None, owner=request.user, initial=initial_of(found))
    if "save" in request.POST and _tried(form, partial(scheduling_services.change, found)):
        messages.success(request, _("Saved. It runs by the new plan from now on."))
        return redirect("web:schedules")
    return _form(request, form, schedule=found)


@login_required
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The next ten runs of what the form says; nothing is saved."""
    form = PlanForm(request.POST, owner=request.user)
    return page(request, "schedules/_next_runs", planned=_planned(request, form), form=form)


def _form(request: HttpRequest, form: PlanForm, schedule: Schedule | None = None) -> HttpResponse:
    planned: Any = schedule_selectors.next_runs(schedule) if schedule else []
    if request.method == "POST":
        planned = [] if form.errors else _planned(request, form)
    return page(
        request,
        "schedules/schedule",
        here="profiles",
        form=form,
        zones=sorted(zones()),
        schedule=schedule,
        planned=planned,
    )


def _planned(request: HttpRequest, form: PlanForm) -> Any:
    draft = _tried(form, partial(scheduling_services.draft, request.user))
    return schedule_selectors.next_runs(draft) if draft else []


def _tried(form: PlanForm, do: Callable[[Plan], Any]) -> Any:
    """What becomes of the plan, if it is one; what is wrong with it stands in the form."""
    if not form.is_valid():
        return None
    try:
        return do(form.plan()) or True
    except FacetError as error:
        form.add_error(None, f"{error.message} {error.advice}")
        return None


@login_required
@require_POST
def act(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Pause, resume, skip the next run, or end."""
    if verb not in VERBS:
        raise Http404
    do, words = VERBS[verb]
    do(schedule_selectors.schedule_for(request.user, pk))
    messages.success(request, words)
    return redirect("web:schedules")


@login_required
@require_POST
def run_now(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Play at once what the next run would."""
    run = scheduling_services.run_now(schedule_selectors.schedule_for(request.user, pk))
    return redirect("web:run", run.pk)


@login_required
@require_GET
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run: its receipts once it has sent, and until then where it stands."""
    found = schedule_selectors.run_for(request.user, pk)
    if receipts_of(request.user, found.pk).exists():
        return redirect("web:receipts", found.pk)
    return page(request, "schedules/run", here="profiles", run=found, sendings=_sendings(found))


def _sendings(found: Run) -> Any:
    return schedule_selectors.sendings_of(found) if found.is_open else []


@login_required
@require_GET
def month(request: HttpRequest, year: int = 0, number: int = 0) -> HttpResponse:
    """What is planned, day by day."""
    today = timezone.now().date()
    try:
        first = date(year or today.year, number or today.month, 1)
    except ValueError as error:
        raise Http404 from error
    if abs(first.year - today.year) > YEARS:
        raise Http404
    planned = schedule_selectors.calendar_of(request.user, first.year, first.month)
    weeks = [
        [
            {"day": day, "inside": day.month == first.month, "runs": planned.get(day, [])}
            for day in week
        ]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]
    return page(
        request,
        "schedules/calendar",
        here="profiles",
        weeks=weeks,
        first=first,
        today=today,
        any=bool(planned),
        before=first - timedelta(days=1),
        after=first + timedelta(days=32),
        feed=_feed_url(request),
    )


def _feed_url(request: HttpRequest) -> str:
    return calendar_url(schedule_selectors.calendar_address_of(request.user))


@login_required
@require_POST
def feed_open(request: HttpRequest) -> HttpResponse:
    """Let the calendar's address answer."""
    scheduling_services.open_calendar(request.user)
    return redirect("web:schedules")


@login_required
@require_POST
def feed_close(request: HttpRequest) -> HttpResponse:
    """Let it answer nothing."""
    scheduling_services.close_calendar(request.user)
    return redirect("web:schedules")


@login_required
@require_POST
def feed_renew(request: HttpRequest) -> HttpResponse:
    """A new address; the old one ends."""
    scheduling_services.renew_calendar(request.user)
    return redirect("web:schedules")
