"""Reading schedules, owner first: when they run, what they send, and how it went."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from itertools import islice, takewhile
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone

from headshots.models import Variant
from headshots.selectors import variants_of
from integrations import recurrence
from integrations.models import CalendarAddress, Piece, Run, Schedule
from integrations.recurrence import Occurrence
from integrations.selectors import Profile, profiles_of

Owner = Any  # a settings.AUTH_USER_MODEL
SALT = "integrations.run"
LOOKED_AT = 100  # runs ahead, to find what is next for each profile
AHEAD = timedelta(days=800)  # further on, no calendar is drawn


@dataclass(frozen=True)
class Planned:
    """One run to come: when it was wished for, and when it is planned, on its schedule's clock."""

    schedule: Schedule
    wished_at: datetime  # the first valid minute, if the clock leaves the wished time out
    planned_at: datetime
    piece: Piece

    @property
    def spread(self) -> timedelta:
        """How much later than wished it is planned."""
        return self.planned_at - self.wished_at


def schedules_of(owner: Owner) -> QuerySet[Schedule]:
    """Every schedule, in the order in which they were made; ended ones too."""
    return Schedule.objects.filter(owner=owner)


def schedule_for(owner: Owner, pk: UUID) -> Schedule:
    """One schedule; Schedule.DoesNotExist if it is not this owner's."""
    return schedules_of(owner).get(pk=pk)


def runs_of(owner: Owner, schedule: Schedule | None = None) -> QuerySet[Run]:
    """Every run there was, newest first; its receipts are `receipts_of(owner, run.pk)`."""
    mine = Run.objects.filter(schedule__owner=owner).select_related("schedule")
    return mine.filter(schedule=schedule) if schedule else mine


def run_for(owner: Owner, pk: UUID) -> Run:
    """One run; Run.DoesNotExist if it is not this owner's."""
    return runs_of(owner).get(pk=pk)


def run_of_letter(token: str) -> Run:
    """The run that a letter asks about; Run.DoesNotExist for a token that no letter told."""
    try:
        pk = UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise Run.DoesNotExist from error
    return Run.objects.select_related("schedule__owner", "render").get(pk=pk)


def token_of(run: Run) -> str:
    """What opens the question of a run to whoever reads the letter."""
    return signing.Signer(salt=SALT).sign(run.pk.hex)


def next_runs(schedule: Schedule, many: int = 10) -> list[Planned]:
    """Its next runs, on its own clock; also of a schedule that is not saved yet."""
    return list(islice(_planned(schedule), many)) if schedule.is_active else []


def calendar_of(owner: Owner, year: int, month: int) -> dict[date, list[Planned]]:
    """What is planned in a month, by local day, earliest first."""
    last = date(year + month // 12, month % 12 + 1, 1)
    days: dict[date, list[Planned]] = defaultdict(list)
    for one in coming_up(owner, until=datetime(last.year, last.month, 2, tzinfo=UTC)):
        day = one.planned_at.date()
        if (day.year, day.month) == (year, month):
            days[day].append(one)
    return dict(days)


def coming_up(owner: Owner, *, until: datetime) -> Iterator[Planned]:
    """Every run of every active schedule until an instant, earliest first."""
    active = schedules_of(owner).filter(state=Schedule.State.ACTIVE)
    together = merge(*map(_planned, active), key=attrgetter("planned_at"))
    last = min(until, timezone.now() + AHEAD)
    return takewhile(lambda one: one.planned_at < last, together)


def next_by_profile(owner: Owner, profiles: Iterable[Profile]) -> dict[str, Planned]:
    """What is planned next for each profile, by its key; nothing for one without a plan."""
    wanted = [one.key for one in profiles if one.takes_part]
    found: dict[str, Planned] = {}
    for planned in islice(coming_up(owner, until=timezone.now() + AHEAD), LOOKED_AT):
        for key in planned.schedule.profiles or wanted:
            found.setdefault(key, planned)
    return found


def owner_of_calendar(token: str) -> Owner:
    """Whose calendar an open address tells; CalendarAddress.DoesNotExist if nobody's."""
    found = CalendarAddress.objects.select_related("owner").get(token=token, is_open=True)
    return found.owner


def calendar_address_of(owner: Owner) -> CalendarAddress | None:
    """The person's own calendar address, if they ever opened one."""
    return CalendarAddress.objects.filter(owner=owner).first()


def profiles_for(schedule: Schedule) -> list[Profile]:
    """The profiles that it sends to, as they are connected today."""
    wanted = set(schedule.profiles)
    return [
        one
        for one in profiles_of(schedule.owner)
        if one.takes_part and (not wanted or one.key in wanted)
    ]


def sendings_of(run: Run) -> list[tuple[Profile, Variant]]:
    """What a run sends where; what has to be made anew only once it is made."""
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
    """What came of each headshot that the run made anew, and of what was already replaced by it."""
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
