"""Views of schedules, their runs and the calendar."""

import calendar
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branding.public_urls import calendar_url
from branding.web.notices import show_result
from branding.web.requests import PageRequest
from branding.web.responses import render_page
from branding.web.schedule_forms import ScheduleForm, initial_values
from branding.web.schedule_presets import PRESETS, Preset, find_preset, initial_values_of
from headshots.errors import FacetError
from headshots.selectors import variants_of, without_details
from headshots.wording import word
from integrations.models import Run, Schedule
from integrations.recurrence import load_zone, zone_names
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import ScheduleSpec
from integrations.selectors import publications_in_batch

LAST_RUNS: Final = 20
YEARS: Final = 2  # before and after today, within which the calendar shows months
VERBS: Final = {
    "pause": (scheduling_services.pause_schedule, _("Paused. Nothing runs until you resume it.")),
    "resume": (scheduling_services.resume_schedule, _("Resumed.")),
    "skip": (scheduling_services.skip_next_run, _("The next run is skipped.")),
    "end": (scheduling_services.end_schedule, _("Ended. Its past runs stay in the history.")),
}


@login_required
@require_GET
def list_schedules(request: PageRequest) -> HttpResponse:
    """List the schedules and the results of their last runs."""
    schedules = list(schedule_selectors.schedules_of(request.user))
    for schedule in schedules:
        schedule.next_ones = schedule_selectors.next_runs(schedule, 3)
    last_runs = list(schedule_selectors.runs_of(request.user)[:LAST_RUNS])
    waiting_until = schedule_selectors.waiting_until_by_run(request.user, last_runs)
    for run in last_runs:
        run.waits_until = waiting_until.get(run.pk)
    return render_page(
        request,
        "schedules/schedules",
        here="schedule",
        schedules=[schedule for schedule in schedules if schedule.state != Schedule.State.ENDED],
        ended=[schedule for schedule in schedules if schedule.state == Schedule.State.ENDED],
        last=last_runs,
        feed=_calendar_feed_url(request),
    )


@login_required
@require_http_methods(["GET", "POST"])
def create_schedule(request: PageRequest) -> HttpResponse:
    """Offer the presets, then show the form; a POST with `look` shows its runs, `save` saves it."""
    preset = find_preset(request.GET.get("preset", ""))
    if request.method == "GET" and preset is None:
        return render_page(request, "schedules/presets", here="schedule", presets=PRESETS)
    initial = (
        initial_values_of(preset, timezone.now().date(), request.GET.get("day", ""))
        if preset
        else None
    )
    form = ScheduleForm(request.POST or None, owner=request.user, initial=initial)
    if "save" in request.POST and (
        schedule := _try_saving(form, partial(scheduling_services.create_schedule, request.user))
    ):
        _show_saved(request, schedule)
        return redirect("web:schedules")
    return _render_form(request, form, preset=preset)


def _show_saved(request: PageRequest, schedule: Any) -> None:
    """Say that a schedule is on, and when it runs next."""
    text = _("Schedule on.")
    if isinstance(schedule, Schedule) and (
        coming := schedule_selectors.next_runs(schedule, limit=1)
    ):
        local = coming[0].planned_at.astimezone(load_zone(schedule.zone))
        when = date_format(local, "SHORT_DATETIME_FORMAT")
        text = _("Schedule on. Next run: %(when)s.") % {"when": when}
    show_result(request, text, [(_("See the calendar"), reverse("web:this_month"))])


@login_required
@require_http_methods(["GET", "POST"])
def change_schedule(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show and change one schedule."""
    schedule = schedule_selectors.schedule_for(request.user, pk)
    form = ScheduleForm(request.POST or None, owner=request.user, initial=initial_values(schedule))
    if "save" in request.POST and (
        saved := _try_saving(form, partial(scheduling_services.change_schedule, schedule))
    ):
        _show_saved(request, saved)
        return redirect("web:schedules")
    return _render_form(request, form, schedule=schedule)


@login_required
@require_POST
def preview_runs(request: PageRequest) -> HttpResponse:
    """Return the next ten runs of the schedule in the form, without saving it."""
    form = ScheduleForm(request.POST, owner=request.user)
    planned = _with_headshots(form, _planned_runs(request, form))
    return render_page(request, "schedules/_next_runs", planned=planned, form=form)


def _render_form(
    request: PageRequest,
    form: ScheduleForm,
    schedule: Schedule | None = None,
    preset: Preset | None = None,
) -> HttpResponse:
    planned: Any = schedule_selectors.next_runs(schedule) if schedule else []
    if request.method == "POST":
        planned = [] if form.errors else _planned_runs(request, form)
    return render_page(
        request,
        "schedules/schedule",
        here="schedule",
        form=form,
        zones=sorted(zone_names()),
        kind=form["kind"].value(),
        preset=preset,
        schedule=schedule,
        planned=_with_headshots(form, planned),
    )


def _with_headshots(form: ScheduleForm, planned: Any) -> list[dict[str, Any]]:
    """Return runs with the headshot that each sends, where the schedule names one."""
    by_id = {variant.pk: variant for variant in form.kept}
    return [{"run": run, "variant": by_id.get(run.item.variant)} for run in planned]


def _planned_runs(request: PageRequest, form: ScheduleForm) -> Any:
    draft = _try_saving(form, partial(scheduling_services.draft_schedule, request.user))
    return schedule_selectors.next_runs(draft) if draft else []


def _try_saving(form: ScheduleForm, action: Callable[[ScheduleSpec], Any]) -> Any:
    """Apply an action to the form's schedule; return None, with form errors, if that fails."""
    if not form.is_valid():
        return None
    try:
        return action(form.to_schedule_spec()) or True
    except FacetError as error:
        form.add_error(None, word(f"{error.message} {error.advice}"))
        return None


@login_required
@require_POST
def apply_action(request: PageRequest, pk: UUID, verb: str) -> HttpResponse:
    """Pause, resume or end a schedule, or skip its next run."""
    if verb not in VERBS:
        raise Http404
    action, message = VERBS[verb]
    action(schedule_selectors.schedule_for(request.user, pk))
    messages.success(request, message)
    return redirect("web:schedules")


@login_required
@require_POST
def start_run_now(request: PageRequest, pk: UUID) -> HttpResponse:
    """Start an additional run now."""
    run = scheduling_services.run_now(schedule_selectors.schedule_for(request.user, pk))
    return redirect("web:run", run.pk)


@login_required
@require_GET
def show_run(request: PageRequest, pk: UUID) -> HttpResponse:
    """Show the state of one run; redirect to its receipts once it has sent something."""
    run_row = schedule_selectors.run_for(request.user, pk)
    if publications_in_batch(request.user, run_row.pk).exists():
        return redirect("web:receipts", run_row.pk)
    return render_page(
        request, "schedules/run", here="schedule", run=run_row, sendings=_run_sendings(run_row)
    )


def _run_sendings(run_row: Run) -> Any:
    is_current = run_row.is_open and schedule_selectors.is_as_shown(run_row)
    return schedule_selectors.sendings_of(run_row) if is_current else []


@login_required
@require_GET
def show_month(request: PageRequest, year: int = 0, number: int = 0) -> HttpResponse:
    """Show the runs of a month as a calendar."""
    today = timezone.now().date()
    first_day = _find_first_day(year or today.year, number or today.month)
    planned = schedule_selectors.runs_by_day(request.user, first_day.year, first_day.month)
    return render_page(
        request,
        "schedules/calendar",
        here="schedule",
        weeks=_build_weeks(first_day, planned),
        headshots=_headshots_of(request, planned),
        first=first_day,
        today=today,
        any=bool(planned),
        before=first_day - timedelta(days=1),
        after=first_day + timedelta(days=32),
        feed=_calendar_feed_url(request),
    )


def _headshots_of(request: PageRequest, runs_by_day: Mapping[date, Any]) -> dict[UUID, Any]:
    """Return the headshots that the runs of a month name, by id."""
    ids = {run.item.variant for runs in runs_by_day.values() for run in runs}
    return {
        variant.pk: variant
        for variant in without_details(variants_of(request.user).filter(pk__in=ids))
    }


def _find_first_day(year: int, month: int) -> date:
    """Return the first day of a month; Http404 if there is none, or it is years away."""
    try:
        first_day = date(year, month, 1)
    except ValueError as error:
        raise Http404 from error
    if abs(year - timezone.now().year) > YEARS:
        raise Http404
    return first_day


def _build_weeks(first_day: date, runs_by_day: Mapping[date, Any]) -> list[list[dict[str, Any]]]:
    """Build the whole weeks of a month, each with its seven days and their runs."""
    return [
        [
            {
                "day": calendar_day,
                "inside": calendar_day.month == first_day.month,
                "runs": runs_by_day.get(calendar_day, []),
            }
            for calendar_day in calendar_week
        ]
        for calendar_week in calendar.Calendar().monthdatescalendar(first_day.year, first_day.month)
    ]


def _calendar_feed_url(request: PageRequest) -> str:
    return calendar_url(schedule_selectors.calendar_address_of(request.user))


@login_required
@require_POST
def open_calendar_feed(request: PageRequest) -> HttpResponse:
    """Turn the calendar feed on."""
    scheduling_services.open_calendar_address(request.user)
    return redirect("web:schedules")


@login_required
@require_POST
def close_calendar_feed(request: PageRequest) -> HttpResponse:
    """Turn the calendar feed off."""
    scheduling_services.close_calendar_address(request.user)
    return redirect("web:schedules")


@login_required
@require_POST
def renew_calendar_feed(request: PageRequest) -> HttpResponse:
    """Replace the URL of the calendar feed; the old one stops working."""
    scheduling_services.renew_calendar_address(request.user)
    return redirect("web:schedules")
