"""Create, change, pause, resume, end and run schedules, and open their calendar address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from headshots.engine.recipes import UNTOUCHED
from headshots.errors import PhotoLimitReached
from headshots.selectors import variants_of
from integrations import recurrence
from integrations.errors import BadRule, BadSchedule, NotPublishable
from integrations.models import CalendarAddress, Run, Schedule, ScheduledItem, new_token
from integrations.recurrence import Rotation, Rule, Unit
from integrations.scheduling import runs
from integrations.scheduling.selectors import schedules_of
from integrations.selectors import profiles_of

if TYPE_CHECKING:
    from headshots.models import User

MAX_ITEMS = 50  # items of a schedule
MAX_APPROVAL_HOURS = 7 * 24  # to approve a run
MAX_NAME_LENGTH = 80  # characters
MINUTE = timedelta(minutes=1)  # the resolution of rules


@dataclass(frozen=True)
class ScheduleSpec:
    """The specification of a schedule; `rule` is None for one that runs after a new selfie."""

    kind: str
    rule: Rule | Rotation | None = None
    items: tuple[ScheduledItem, ...] = (ScheduledItem(),)
    profiles: tuple[str, ...] = ()  # keys of profiles; empty: all of them
    name: str = ""
    missed: str = Schedule.Missed.ONCE
    ask_hours: int = 0
    zone: str = "UTC"  # in which times are shown, for a schedule without a rule


def draft_schedule(owner: User, spec: ScheduleSpec) -> Schedule:
    """Return the schedule that a specification describes, without saving it.

    Raises BadRule, BadSchedule or NotPublishable, and Variant.DoesNotExist for somebody else's
    headshot.
    """
    schedule = Schedule(owner=owner)
    _apply_spec(schedule, spec)
    return schedule


def create_schedule(owner: User, spec: ScheduleSpec) -> Schedule:
    """Create a schedule; raises what `draft_schedule` does, and PhotoLimitReached."""
    schedule = draft_schedule(owner, spec)
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=owner.pk)
        active_schedules = schedules_of(owner).exclude(state=Schedule.State.ENDED)
        if active_schedules.count() >= settings.SCHEDULE_LIMIT:
            raise PhotoLimitReached(
                f"You have {settings.SCHEDULE_LIMIT} schedules already, which is the limit here.",
                advice="End a schedule you no longer need, then add this one.",
            )
        schedule.save(force_insert=True)
    return schedule


def change_schedule(schedule: Schedule, spec: ScheduleSpec) -> None:
    """Change a schedule from now on; raises what `draft_schedule` does.

    Runs about which the person was asked are skipped: the answer would be about the old schedule.
    """
    with _locked_schedule(schedule):
        schedule.cursor, schedule.last_wall = 0, ""
        _apply_spec(schedule, spec)
        if schedule.state == Schedule.State.ENDED:
            schedule.state = Schedule.State.ACTIVE
        schedule.save()
        for run in Run.objects.filter(schedule=schedule, state__in=Run.OPEN, shown__isnull=False):
            runs.finish_run(
                run,
                Run.State.SKIPPED,
                code="withdrawn",
                message="You changed the schedule after it asked you.",
            )


def pause_schedule(schedule: Schedule) -> None:
    """Pause a schedule: no occurrence runs until it is resumed, or counts as missed."""
    _stop_schedule(schedule, Schedule.State.PAUSED, message="You paused the schedule.")


def resume_schedule(schedule: Schedule) -> None:
    """Resume a paused schedule from now on."""
    with _locked_schedule(schedule):
        if schedule.state == Schedule.State.PAUSED:
            schedule.state, schedule.counted_from = Schedule.State.ACTIVE, timezone.now()
            schedule.compute_next_run()
            schedule.save()


def end_schedule(schedule: Schedule) -> None:
    """End a schedule; its history is kept."""
    _stop_schedule(schedule, Schedule.State.ENDED, message="You ended the schedule.")


def skip_next_run(schedule: Schedule) -> None:
    """Skip the next occurrence; raises BadSchedule if there is none."""
    with _locked_schedule(schedule):
        rule = schedule.recurrence
        if rule is None or schedule.due_at is None or not schedule.is_active:
            raise BadSchedule("There is no run to skip.", advice="Pause the schedule instead.")
        assert schedule.next_run_at is not None  # it is set along with `due_at`
        Run.objects.get_or_create(
            schedule=schedule,
            due_at=schedule.due_at,
            defaults={
                "planned_at": schedule.next_run_at,
                "state": Run.State.SKIPPED,
                "code": "skipped",
                "message": "You skipped it.",
                "finished_at": timezone.now(),
            },
        )
        schedule.rule = recurrence.rule_to_dict(
            recurrence.skip_next(rule, schedule.due_at - MINUTE)
        )
        schedule.compute_next_run()
        schedule.save()


def run_now(schedule: Schedule) -> Run:
    """Run now what the next occurrence would publish, which itself stays as it is."""
    now = timezone.now()
    with _locked_schedule(schedule):
        turn = next((occurrence.turn for occurrence in schedule.iter_occurrences()), 0)
        run = Run.objects.create(
            schedule=schedule,
            due_at=now,
            planned_at=now,
            handed_at=now,
            touched_at=now,
            piece=schedule.item_index_at(turn),
            agreed_at=now,  # whoever starts it by hand need not approve it
        )
        Schedule.objects.filter(pk=schedule.pk).update(cursor=schedule.cursor + 1)
        runs.enqueue_runs(run)
    return run


def open_calendar_address(owner: User) -> CalendarAddress:
    """Let calendar programs read the owner's calendar; an earlier address is used again."""
    return CalendarAddress.objects.update_or_create(owner=owner, defaults={"is_open": True})[0]


def close_calendar_address(owner: User) -> None:
    """Stop answering at the owner's calendar address; the address itself is kept."""
    CalendarAddress.objects.filter(owner=owner).update(is_open=False)


def renew_calendar_address(owner: User) -> CalendarAddress:
    """Give the owner a new, open calendar address; the old one stops answering."""
    values = {"is_open": True, "token": new_token()}
    return CalendarAddress.objects.update_or_create(owner=owner, defaults=values)[0]


@contextmanager
def _locked_schedule(schedule: Schedule) -> Iterator[None]:
    """Lock and reload a schedule, so that the dispatcher does not change it meanwhile."""
    with transaction.atomic():
        Schedule.objects.select_for_update().get(pk=schedule.pk)
        schedule.refresh_from_db()
        yield


def _apply_spec(schedule: Schedule, spec: ScheduleSpec) -> None:
    _check_spec(schedule.owner, spec)
    schedule.kind, schedule.missed = spec.kind, spec.missed
    schedule.name = " ".join(spec.name.split())[:MAX_NAME_LENGTH]  # one line, for e-mail subjects
    schedule.rule = recurrence.rule_to_dict(spec.rule) if spec.rule else {}
    schedule.zone = _find_zone(spec)
    schedule.pieces = [item.to_dict() for item in spec.items]
    schedule.profiles, schedule.ask_hours = list(spec.profiles), spec.ask_hours
    schedule.counted_from = timezone.now()
    schedule.compute_next_run()
    if spec.rule and schedule.due_at is None:
        raise BadRule("It would never run.", advice="Choose a time that is still to come.")


def _check_spec(owner: User, spec: ScheduleSpec) -> None:
    rule_fits_kind: dict[str, bool] = {
        Schedule.Kind.DATE: isinstance(spec.rule, Rule) and spec.rule.unit == Unit.ONCE,
        Schedule.Kind.EVERY: isinstance(spec.rule, Rule) and spec.rule.unit != Unit.ONCE,
        Schedule.Kind.ROTATION: isinstance(spec.rule, Rotation)
        and len(spec.rule.turns) == len(spec.items),
        Schedule.Kind.PHOTO: spec.rule is None,
    }
    if not rule_fits_kind.get(spec.kind, False):
        raise BadSchedule("This rule does not belong to this kind of schedule.")
    if not 1 <= len(spec.items) <= MAX_ITEMS:
        raise BadSchedule(f"A schedule sends 1 to {MAX_ITEMS} headshots.")
    if spec.missed not in Schedule.Missed.values or not 0 <= spec.ask_hours <= MAX_APPROVAL_HOURS:
        raise BadSchedule("A schedule asks for at most a week, and runs once or skips.")
    if spec.profiles and not set(spec.profiles) <= {profile.key for profile in profiles_of(owner)}:
        raise BadSchedule("One of these profiles is not there (any more).")
    for item in spec.items:
        _check_item(owner, item)


def _check_item(owner: User, item: ScheduledItem) -> None:
    if item.variant is None:
        return
    variant = variants_of(owner).get(pk=item.variant)
    if not variant.is_ready:
        raise NotPublishable("This headshot is not ready.")
    if item.anew and variant.look == UNTOUCHED.slug:
        raise BadSchedule("A photographer's picture is not made anew.")


def _find_zone(spec: ScheduleSpec) -> str:
    rules = spec.rule.turns if isinstance(spec.rule, Rotation) else (spec.rule,)
    zone_names = {rule.zone for rule in rules if rule} or {spec.zone}
    if len(zone_names) > 1:
        raise BadRule("All turns of a rotation are in one time zone.")
    zone: ZoneInfo = recurrence.load_zone(zone_names.pop())
    return str(zone.key)


def _stop_schedule(schedule: Schedule, state: str, *, message: str) -> None:
    with _locked_schedule(schedule):
        if schedule.state != Schedule.State.ENDED:
            schedule.state, schedule.due_at, schedule.next_run_at = state, None, None
            schedule.save()
        for run in Run.objects.filter(schedule=schedule, state__in=Run.OPEN):
            runs.finish_run(run, Run.State.SKIPPED, code=state, message=message)
