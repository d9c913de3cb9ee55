"""Queries about schedules and runs of an owner: when they run, what they publish, how it went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from itertools import islice, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING
from uuid import UUID

from django.core import signing
from django.db.models import Max, QuerySet
from django.utils import timezone

from headshots.isolation import load_rows, run_isolated
from headshots.models import Variant
from headshots.selectors import variants_of
from integrations import recurrence
from integrations.models import CalendarAddress, Run, Schedule, ScheduledItem
from integrations.publication_states import State
from integrations.publishing.rate_limits import last_scheduled_times, scheduled_interval
from integrations.recurrence import Occurrence
from integrations.selectors import Profile, connections_of, profiles_of, publications_of

if TYPE_CHECKING:
    from headshots.models import User

APPROVAL_SALT = "integrations.run"
MAX_RUNS_AHEAD = 500  # coming runs of all schedules that are looked through
PLANNING_HORIZON = timedelta(days=800)  # for which coming runs are computed


@dataclass(frozen=True)
class PlannedRun:
    """A run to come, with times in the zone of its schedule."""

    schedule: Schedule
    wished_at: datetime  # by the rule; the next valid minute if a clock change skips it
    planned_at: datetime  # with the spread
    item: ScheduledItem
    # When profiles really get it that the interval between scheduled changes delays, by their key.
    delays: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def delayed_until(self) -> datetime | None:
        """When the last profile gets it, if the interval delays any."""
        return max(self.delays.values(), default=None)

    @property
    def expected_at(self) -> datetime:
        """When all its profiles have got it."""
        return self.delayed_until or self.planned_at

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


def failed_runs_of(owner: User) -> QuerySet[Run]:
    """Return the runs that could not send anything, newest first; each says why."""
    return runs_of(owner).filter(state=Run.State.FAILED)


def waiting_until_by_run(owner: User, runs: Iterable[Run]) -> dict[UUID, datetime]:
    """Return until when the publications of some runs wait, by the id of each run that waits."""
    waiting = publications_of(owner).filter(
        batch__in=[run.pk for run in runs],
        state__in=(State.SCHEDULED, State.READY),
        not_before__gt=timezone.now(),
    )
    last_times = waiting.order_by().values_list("batch").annotate(Max("not_before"))
    return dict(last_times)


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
    if not schedule.is_active:
        return []
    own_runs = list(islice(_planned_runs(schedule), limit))
    if not own_runs:
        return []
    other_schedules = _active_schedules(schedule.owner).exclude(pk=schedule.pk)
    all_runs = _merge_runs(schedule.owner, [schedule, *load_rows("calendar", other_schedules)])
    until = own_runs[-1].planned_at
    delayed_runs = {
        run.planned_at: run
        for run in islice(takewhile(lambda run: run.planned_at <= until, all_runs), MAX_RUNS_AHEAD)
        if run.schedule is schedule and run.delays
    }
    return [delayed_runs.get(run.planned_at, run) for run in own_runs]


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
    merged_runs = _merge_runs(owner, load_rows("calendar", _active_schedules(owner)))
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
            own_delay = {name: at for name, at in planned_run.delays.items() if name == key}
            next_runs_by_key.setdefault(key, replace(planned_run, delays=own_delay))
    return next_runs_by_key


def _active_schedules(owner: User) -> QuerySet[Schedule]:
    return schedules_of(owner).filter(state=Schedule.State.ACTIVE)


def _merge_runs(owner: User, schedules: Iterable[Schedule]) -> Iterator[PlannedRun]:
    """Yield the runs of schedules in order, with the delays by the interval of each account."""
    merged_runs = merge(*map(_readable_runs, schedules), key=attrgetter("planned_at"))
    connections = {str(connection.pk): connection for connection in connections_of(owner)}
    last_planned = last_scheduled_times(connections.values())
    for run in merged_runs:
        if run.schedule.kind == Schedule.Kind.DATE:
            yield run
            continue
        delays = {}
        for key in run.schedule.profiles or connections:
            if key not in connections:
                continue
            start_at = run.planned_at
            if key in last_planned:
                interval = scheduled_interval(connections[key].platform)
                start_at = max(start_at, last_planned[key] + interval)
            last_planned[key] = start_at
            if start_at > run.planned_at:
                delays[key] = start_at.astimezone(run.planned_at.tzinfo)
        yield replace(run, delays=delays) if delays else run


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


def describe_sendings(sendings: Iterable[tuple[Profile, Variant]]) -> list[list[str]]:
    """Return what is sent where as plain data, in an order that does not matter."""
    return sorted([profile.key, str(variant.pk), variant.picture] for profile, variant in sendings)


def is_as_shown(run: Run) -> bool:
    """Return whether a run would send what the person was asked about, if they were asked."""
    return run.shown is None or run.shown == describe_sendings(sendings_of(run))


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
