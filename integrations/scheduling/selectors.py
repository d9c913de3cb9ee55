"""Queries about schedules and runs of an owner: when they run, what they publish, how it went."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from itertools import islice, takewhile
from operator import attrgetter
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone

from headshots.models import Variant
from headshots.selectors import variants_of
from integrations import recurrence
from integrations.models import CalendarAddress, Piece, Run, Schedule
from integrations.recurrence import Occurrence
from integrations.selectors import Profile, profiles_of

SALT = "integrations.run"
LOOKED_AT = 100  # coming runs that are searched for the next one of each profile
AHEAD = timedelta(days=800)  # for which coming runs are computed


@dataclass(frozen=True)
class Planned:
    """A run to come, with times in the zone of its schedule."""

    schedule: Schedule
    wished_at: datetime  # by the rule; the next valid minute if a clock change skips it
    planned_at: datetime  # with the spread
    piece: Piece

    @property
    def spread(self) -> timedelta:
        """How much later than its rule says it is planned."""
        return self.planned_at - self.wished_at


def schedules_of(owner: AbstractBaseUser) -> QuerySet[Schedule]:
    """Return all schedules, the oldest first, including ended ones."""
    return Schedule.objects.filter(owner=owner)


def schedule_for(owner: AbstractBaseUser, pk: UUID) -> Schedule:
    """Return a schedule; Schedule.DoesNotExist if it is not this owner's."""
    return schedules_of(owner).get(pk=pk)


def runs_of(owner: AbstractBaseUser, schedule: Schedule | None = None) -> QuerySet[Run]:
    """Return all runs, newest first; the id of a run is the batch of its publications."""
    mine = Run.objects.filter(schedule__owner=owner).select_related("schedule")
    return mine.filter(schedule=schedule) if schedule else mine


def run_for(owner: AbstractBaseUser, pk: UUID) -> Run:
    """Return a run; Run.DoesNotExist if it is not this owner's."""
    return runs_of(owner).get(pk=pk)


def run_of_letter(token: str) -> Run:
    """Return the run that an approval token stands for; Run.DoesNotExist if it is not valid."""
    try:
        pk = UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise Run.DoesNotExist from error
    return Run.objects.select_related("schedule__owner", "render").get(pk=pk)


def token_of(run: Run) -> str:
    """Return the token that lets anyone with the e-mail approve or decline a run."""
    return signing.Signer(salt=SALT).sign(run.pk.hex)


def next_runs(schedule: Schedule, many: int = 10) -> list[Planned]:
    """Return the next runs of a schedule, which need not be saved yet."""
    return list(islice(_planned(schedule), many)) if schedule.is_active else []


def calendar_of(owner: AbstractBaseUser, year: int, month: int) -> dict[date, list[Planned]]:
    """Return the runs of a month by local day, each day's earliest first."""
    last = date(year + month // 12, month % 12 + 1, 1)
    days: dict[date, list[Planned]] = defaultdict(list)
    for one in coming_up(owner, until=datetime(last.year, last.month, 2, tzinfo=UTC)):
        day = one.planned_at.date()
        if (day.year, day.month) == (year, month):
            days[day].append(one)
    return dict(days)


def coming_up(owner: AbstractBaseUser, *, until: datetime) -> Iterator[Planned]:
    """Yield the runs of all active schedules until an instant, earliest first."""
    active = schedules_of(owner).filter(state=Schedule.State.ACTIVE)
    together = merge(*map(_planned, active), key=attrgetter("planned_at"))
    last = min(until, timezone.now() + AHEAD)
    return takewhile(lambda one: one.planned_at < last, together)


def next_by_profile(owner: AbstractBaseUser, profiles: Iterable[Profile]) -> dict[str, Planned]:
    """Return the next run for each profile that has any, by the profile's key."""
    wanted = [one.key for one in profiles if one.takes_part]
    found: dict[str, Planned] = {}
    for planned in islice(coming_up(owner, until=timezone.now() + AHEAD), LOOKED_AT):
        for key in planned.schedule.profiles or wanted:
            found.setdefault(key, planned)
    return found


def owner_of_calendar(token: str) -> AbstractBaseUser:
    """Return the owner of an open calendar address; CalendarAddress.DoesNotExist if none."""
    found = CalendarAddress.objects.select_related("owner").get(token=token, is_open=True)
    return found.owner


def calendar_address_of(owner: AbstractBaseUser) -> CalendarAddress | None:
    """Return the owner's calendar address, if they ever opened one."""
    return CalendarAddress.objects.filter(owner=owner).first()


def profiles_for(schedule: Schedule) -> list[Profile]:
    """Return the profiles at which a schedule publishes, as they are connected now."""
    wanted = set(schedule.profiles)
    return [
        one
        for one in profiles_of(schedule.owner)
        if one.takes_part and (not wanted or one.key in wanted)
    ]


def sendings_of(run: Run) -> list[tuple[Profile, Variant]]:
    """Return which variant a run publishes at which profile, without what is not rendered yet."""
    piece, profiles = run.sends, profiles_for(run.schedule)
    if piece.variant:
        wished = variants_of(run.schedule.owner).filter(pk=piece.variant).first()
        pairs = [(one, wished) for one in profiles]
    else:
        pairs = [(one, one.choice.variant) for one in profiles if one.choice]
    if piece.anew:
        made = _made_by(run)
        pairs = [(one, made.get(old.pk)) for one, old in pairs if old]
    return [(one, variant) for one, variant in pairs if variant]


def _made_by(run: Run) -> dict[UUID | None, Variant]:
    """Return the ready variants that the run rendered, by their parent's id and by their own.

    Their own ids serve profiles for which the new variant is chosen already.
    """
    if run.render_id is None:
        return {}
    ready = variants_of(run.schedule.owner).filter(render=run.render_id, state=Variant.State.READY)
    return {pk: one for one in ready for pk in (one.parent_id, one.pk)}


def _planned(schedule: Schedule) -> Iterator[Planned]:
    clock, spread = recurrence.zone(schedule.zone), schedule.spread
    for number, run in enumerate(schedule.coming()):
        piece = schedule.pieces[_piece_at(schedule, run, number)]
        wished = run.at.astimezone(clock)
        yield Planned(schedule, wished, (run.at + spread).astimezone(clock), Piece.parse(piece))


def _piece_at(schedule: Schedule, run: Occurrence, number: int) -> int:
    if schedule.kind == Schedule.Kind.ROTATION:
        return run.turn
    return (schedule.cursor + number) % len(schedule.pieces)
