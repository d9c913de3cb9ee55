"""Queries about schedules and runs of an owner: when they run, what they publish, how it went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from itertools import islice, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING
from uuid import UUID

from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone

from headshots.isolation import load_rows, run_isolated
from headshots.models import Variant
from headshots.selectors import variants_of
from integrations import recurrence
from integrations.models import CalendarAddress, Run, Schedule, ScheduledItem
from integrations.recurrence import Occurrence
from integrations.selectors import Profile, profiles_of

if TYPE_CHECKING:
    from headshots.models import User

APPROVAL_SALT = "integrations.run"
MAX_RUNS_AHEAD = 100  # coming runs that are searched for the next one of each profile
PLANNING_HORIZON = timedelta(days=800)  # for which coming runs are computed


@dataclass(frozen=True)
class PlannedRun:
    """A run to come, with times in the zone of its schedule."""

    schedule: Schedule
    wished_at: datetime  # by the rule; the next valid minute if a clock change skips it
    planned_at: datetime  # with the spread
    item: ScheduledItem

    @property
    def spread(self) -> timedelta:
        """How much later than its rule says it is planned."""
        return self.planned_at - self.wished_at


def schedules_of(owner: User) -> QuerySet[Schedule]:
    """Return all schedules, the oldest first, including ended ones."""
    return Schedule.objects.filter(owner=owner)


def schedule_for(owner: User, pk: UUID) -> Schedule:
    """Return a schedule; Schedule.DoesNotExist if it is not this owner's."""
    return schedules_of(owner).get(pk=pk)


def runs_of(owner: User, schedule: Schedule | None = None) -> QuerySet[Run]:
    """Return all runs, newest first; the id of a run is the batch of its publications."""
    own_runs = Run.objects.filter(schedule__owner=owner).select_related("schedule")
    return own_runs.filter(schedule=schedule) if schedule else own_runs


def run_for(owner: User, pk: UUID) -> Run:
    """Return a run; Run.DoesNotExist if it is not this owner's."""
    return runs_of(owner).get(pk=pk)


def run_for_approval_token(token: str) -> Run:
    """Return the run that an approval token stands for; Run.DoesNotExist if it is not valid."""
    try:
        pk = UUID(signing.Signer(salt=APPROVAL_SALT).unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise Run.DoesNotExist from error
    return Run.objects.select_related("schedule__owner", "render").get(pk=pk)


def approval_token(run: Run) -> str:
    """Return the token that lets anyone with the e-mail approve or decline a run."""
    return signing.Signer(salt=APPROVAL_SALT).sign(run.pk.hex)


def next_runs(schedule: Schedule, limit: int = 10) -> list[PlannedRun]:
    """Return the next runs of a schedule, which need not be saved yet."""
    return list(islice(_planned_runs(schedule), limit)) if schedule.is_active else []


def runs_by_day(owner: User, year: int, month: int) -> dict[date, list[PlannedRun]]:
    """Return the runs of a month by local day, each day's earliest first."""
    next_month = date(year + month // 12, month % 12 + 1, 1)
    run_days: dict[date, list[PlannedRun]] = defaultdict(list)
    for planned_run in upcoming_runs(
        owner, until=datetime(next_month.year, next_month.month, 2, tzinfo=UTC)
    ):
        day = planned_run.planned_at.date()
        if (day.year, day.month) == (year, month):
            run_days[day].append(planned_run)
    return dict(run_days)


def upcoming_runs(owner: User, *, until: datetime) -> Iterator[PlannedRun]:
    """Yield the runs of all active schedules until an instant, earliest first."""
    active_schedules = schedules_of(owner).filter(state=Schedule.State.ACTIVE)
    schedules = load_rows("calendar", active_schedules)
    merged_runs = merge(*map(_readable_runs, schedules), key=attrgetter("planned_at"))
    latest = min(until, timezone.now() + PLANNING_HORIZON)
    return takewhile(lambda planned_run: planned_run.planned_at < latest, merged_runs)


def next_run_by_profile(owner: User, profiles: Iterable[Profile]) -> dict[str, PlannedRun]:
    """Return the next run for each profile that has any, by the profile's key."""
    publishable_keys = [profile.key for profile in profiles if profile.is_publishable]
    next_runs_by_key: dict[str, PlannedRun] = {}
    for planned_run in islice(
        upcoming_runs(owner, until=timezone.now() + PLANNING_HORIZON), MAX_RUNS_AHEAD
    ):
        for key in planned_run.schedule.profiles or publishable_keys:
            next_runs_by_key.setdefault(key, planned_run)
    return next_runs_by_key


def calendar_owner(token: str) -> User:
    """Return the owner of an open calendar address; CalendarAddress.DoesNotExist if none."""
    address = CalendarAddress.objects.select_related("owner").get(token=token, is_open=True)
    return address.owner


def calendar_address_of(owner: User) -> CalendarAddress | None:
    """Return the owner's calendar address, if they ever opened one."""
    return CalendarAddress.objects.filter(owner=owner).first()


def profiles_of_schedule(schedule: Schedule) -> list[Profile]:
    """Return the profiles at which a schedule publishes, as they are connected now."""
    profile_keys = set(schedule.profiles)
    return [
        profile
        for profile in profiles_of(schedule.owner)
        if profile.is_publishable and (not profile_keys or profile.key in profile_keys)
    ]


def sendings_of(run: Run) -> list[tuple[Profile, Variant]]:
    """Return which variant a run publishes at which profile, without what is not rendered yet."""
    item, profiles = run.scheduled_item, profiles_of_schedule(run.schedule)
    if item.variant:
        fixed_variant = variants_of(run.schedule.owner).filter(pk=item.variant).first()
        pairs = [(profile, fixed_variant) for profile in profiles]
    else:
        pairs = [(profile, profile.choice.variant) for profile in profiles if profile.choice]
    if item.anew:
        rendered_variants = _rendered_variants(run)
        pairs = [
            (profile, rendered_variants.get(previous_variant.pk))
            for profile, previous_variant in pairs
            if previous_variant
        ]
    return [(profile, variant) for profile, variant in pairs if variant]


def _rendered_variants(run: Run) -> dict[UUID | None, Variant]:
    """Return the ready variants that the run rendered, by their parent's id and by their own.

    Their own ids serve profiles for which the new variant is chosen already.
    """
    if run.render_id is None:
        return {}
    ready_variants = variants_of(run.schedule.owner).filter(
        render=run.render_id, state=Variant.State.READY
    )
    return {
        variant_pk: variant
        for variant in ready_variants
        for variant_pk in (variant.parent_id, variant.pk)
    }


def _readable_runs(schedule: Schedule) -> Iterator[PlannedRun]:
    """Yield the runs of a schedule; none if it cannot be read, so that the others are shown."""
    planned_runs = _planned_runs(schedule)
    while planned_run := run_isolated("calendar", next, planned_runs, None):
        yield planned_run


def _planned_runs(schedule: Schedule) -> Iterator[PlannedRun]:
    zone, spread = recurrence.load_zone(schedule.zone), schedule.spread
    for number, occurrence in enumerate(schedule.iter_occurrences()):
        item_data = schedule.pieces[_item_index_at(schedule, occurrence, number)]
        wished_at = occurrence.at.astimezone(zone)
        yield PlannedRun(
            schedule,
            wished_at,
            (occurrence.at + spread).astimezone(zone),
            ScheduledItem.from_dict(item_data),
        )


def _item_index_at(schedule: Schedule, occurrence: Occurrence, number: int) -> int:
    if schedule.kind == Schedule.Kind.ROTATION:
        return occurrence.turn
    return (schedule.cursor + number) % len(schedule.pieces)
