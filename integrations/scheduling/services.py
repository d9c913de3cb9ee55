"""Create, change, pause, resume, end and run schedules, and open their calendar address."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from headshots.engine.recipes import UNTOUCHED
from headshots.errors import PhotoLimitReached
from headshots.selectors import variants_of
from integrations import recurrence
from integrations.errors import BadRule, BadSchedule, NotPublishable
from integrations.models import CalendarAddress, Piece, Run, Schedule, new_token
from integrations.recurrence import Rotation, Rule, Unit
from integrations.scheduling import runs
from integrations.scheduling.selectors import schedules_of
from integrations.selectors import profiles_of

MAX_PIECES = 50  # items of a schedule
MAX_HOURS = 7 * 24  # to approve a run
MAX_NAME_LENGTH = 80  # characters
MINUTE = timedelta(minutes=1)  # the resolution of rules


@dataclass(frozen=True)
class Plan:
    """What a person asks of a schedule; `rule` is None for one that runs after a new selfie."""

    kind: str
    rule: Rule | Rotation | None = None
    pieces: tuple[Piece, ...] = (Piece(),)
    profiles: tuple[str, ...] = ()  # keys of profiles; empty: all of them
    name: str = ""
    missed: str = Schedule.Missed.ONCE
    ask_hours: int = 0
    zone: str = "UTC"  # in which times are shown, for a schedule without a rule


def draft(owner: AbstractBaseUser, plan: Plan) -> Schedule:
    """Return the schedule that a specification describes, without saving it.

    Raises BadRule, BadSchedule or NotPublishable, and Variant.DoesNotExist for somebody else's
    headshot.
    """
    schedule = Schedule(owner=owner)
    _apply(schedule, plan)
    return schedule


def create(owner: AbstractBaseUser, plan: Plan) -> Schedule:
    """Create a schedule; raises what `draft_schedule` does, and PhotoLimitReached."""
    schedule = draft(owner, plan)
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=owner.pk)
        running = schedules_of(owner).exclude(state=Schedule.State.ENDED)
        if running.count() >= settings.SCHEDULE_LIMIT:
            raise PhotoLimitReached(
                f"You have {settings.SCHEDULE_LIMIT} schedules already, which is the limit here.",
                advice="End a schedule you no longer need, then add this one.",
            )
        schedule.save(force_insert=True)
    return schedule


def change(schedule: Schedule, plan: Plan) -> None:
    """Change a schedule from now on; raises what `draft_schedule` does."""
    with _held(schedule):
        schedule.cursor, schedule.last_wall = 0, ""
        _apply(schedule, plan)
        if schedule.state == Schedule.State.ENDED:
            schedule.state = Schedule.State.ACTIVE
        schedule.save()


def pause(schedule: Schedule) -> None:
    """Pause a schedule: no occurrence runs until it is resumed, or counts as missed."""
    _stop(schedule, Schedule.State.PAUSED, words="You paused the schedule.")


def resume(schedule: Schedule) -> None:
    """Resume a paused schedule from now on."""
    with _held(schedule):
        if schedule.state == Schedule.State.PAUSED:
            schedule.state, schedule.counted_from = Schedule.State.ACTIVE, timezone.now()
            schedule.reckon()
            schedule.save()


def end(schedule: Schedule) -> None:
    """End a schedule; its history is kept."""
    _stop(schedule, Schedule.State.ENDED, words="You ended the schedule.")


def skip_next(schedule: Schedule) -> None:
    """Skip the next occurrence; raises BadSchedule if there is none."""
    with _held(schedule):
        rule = schedule.recurrence
        if rule is None or schedule.due_at is None or not schedule.is_active:
            raise BadSchedule("There is no run to skip.", advice="Pause the schedule instead.")
        Run.objects.get_or_create(
            schedule=schedule,
            due_at=schedule.due_at,
            defaults={
                "planned_at": schedule.next_run_at,
                "state": Run.State.SKIPPED,
                "code": "skipped",
                "words": "You skipped it.",
                "finished_at": timezone.now(),
            },
        )
        schedule.rule = recurrence.plain(recurrence.skip_next(rule, schedule.due_at - MINUTE))
        schedule.reckon()
        schedule.save()


def run_now(schedule: Schedule) -> Run:
    """Run now what the next occurrence would publish, which itself stays as it is."""
    now = timezone.now()
    with _held(schedule):
        turn = next((one.turn for one in schedule.coming()), 0)
        run = Run.objects.create(
            schedule=schedule,
            due_at=now,
            planned_at=now,
            handed_at=now,
            touched_at=now,
            piece=schedule.piece_of(turn),
            agreed_at=now,  # whoever starts it by hand need not approve it
        )
        Schedule.objects.filter(pk=schedule.pk).update(cursor=schedule.cursor + 1)
        runs.tell(run)
    return run


def open_calendar(owner: AbstractBaseUser) -> CalendarAddress:
    """Let calendar programs read the owner's calendar; an earlier address is used again."""
    return CalendarAddress.objects.update_or_create(owner=owner, defaults={"is_open": True})[0]


def close_calendar(owner: AbstractBaseUser) -> None:
    """Stop answering at the owner's calendar address; the address itself is kept."""
    CalendarAddress.objects.filter(owner=owner).update(is_open=False)


def renew_calendar(owner: AbstractBaseUser) -> CalendarAddress:
    """Give the owner a new, open calendar address; the old one stops answering."""
    values = {"is_open": True, "token": new_token()}
    return CalendarAddress.objects.update_or_create(owner=owner, defaults=values)[0]


@contextmanager
def _held(schedule: Schedule) -> Iterator[None]:
    """Lock and reload a schedule, so that the dispatcher does not change it meanwhile."""
    with transaction.atomic():
        Schedule.objects.select_for_update().get(pk=schedule.pk)
        schedule.refresh_from_db()
        yield


def _apply(schedule: Schedule, plan: Plan) -> None:
    _check(schedule.owner, plan)
    schedule.kind, schedule.missed = plan.kind, plan.missed
    schedule.name = " ".join(plan.name.split())[:MAX_NAME_LENGTH]  # one line, for e-mail subjects
    schedule.rule = recurrence.plain(plan.rule) if plan.rule else {}
    schedule.zone = _zone_of(plan)
    schedule.pieces = [piece.plain() for piece in plan.pieces]
    schedule.profiles, schedule.ask_hours = list(plan.profiles), plan.ask_hours
    schedule.counted_from = timezone.now()
    schedule.reckon()
    if plan.rule and schedule.due_at is None:
        raise BadRule("It would never run.", advice="Choose a time that is still to come.")


def _check(owner: AbstractBaseUser, plan: Plan) -> None:
    fits = {
        Schedule.Kind.DATE: isinstance(plan.rule, Rule) and plan.rule.unit == Unit.ONCE,
        Schedule.Kind.EVERY: isinstance(plan.rule, Rule) and plan.rule.unit != Unit.ONCE,
        Schedule.Kind.ROTATION: isinstance(plan.rule, Rotation)
        and len(plan.rule.turns) == len(plan.pieces),
        Schedule.Kind.PHOTO: plan.rule is None,
    }
    if not fits.get(plan.kind, False):
        raise BadSchedule("This rule does not belong to this kind of schedule.")
    if not 1 <= len(plan.pieces) <= MAX_PIECES:
        raise BadSchedule(f"A schedule sends 1 to {MAX_PIECES} headshots.")
    if plan.missed not in Schedule.Missed.values or not 0 <= plan.ask_hours <= MAX_HOURS:
        raise BadSchedule("A schedule asks for at most a week, and runs once or skips.")
    if plan.profiles and not set(plan.profiles) <= {one.key for one in profiles_of(owner)}:
        raise BadSchedule("One of these profiles is not there (any more).")
    for piece in plan.pieces:
        _check_piece(owner, piece)


def _check_piece(owner: AbstractBaseUser, piece: Piece) -> None:
    if piece.variant is None:
        return
    variant = variants_of(owner).get(pk=piece.variant)
    if not variant.is_ready:
        raise NotPublishable("This headshot is not ready.")
    if piece.anew and variant.look == UNTOUCHED.slug:
        raise BadSchedule("A photographer's picture is not made anew.")


def _zone_of(plan: Plan) -> str:
    turns = plan.rule.turns if isinstance(plan.rule, Rotation) else (plan.rule,)
    names = {rule.zone for rule in turns if rule} or {plan.zone}
    if len(names) > 1:
        raise BadRule("All turns of a rotation are in one time zone.")
    zone: ZoneInfo = recurrence.zone(names.pop())
    return str(zone.key)


def _stop(schedule: Schedule, state: str, *, words: str) -> None:
    with _held(schedule):
        if schedule.state != Schedule.State.ENDED:
            schedule.state, schedule.due_at, schedule.next_run_at = state, None, None
            schedule.save()
        for run in Run.objects.filter(schedule=schedule, state__in=Run.OPEN):
            runs.finish(run, Run.State.SKIPPED, code=state, words=words)
