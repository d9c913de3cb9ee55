"""When a schedule runs: rules on the wall clock of a zone, turned into instants.

A small part of RFC 5545's RRULE: once, or every N days, weeks (on some weekdays) or months, until a
date, without some exceptions; a rotation is several such rules whose turns alternate. A month
without the 31st runs on its last day (SKIP=BACKWARD of RFC 7529).

RFC 5545 says two things of a time that a clock change leaves out (§3.3.5 and §3.3.10). Here one
sentence decides everything: a run is due *at the first instant at which the clock of its zone shows
the wished time or a later one of that day*. So a time in the gap of spring runs at the next valid
minute, and a time that autumn repeats runs once, the first time.

Nothing is expanded from the start: an occurrence is computed from its number, so that the cost does
not depend on how long a rule has been running.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from heapq import merge
from importlib.resources import files
from itertools import count, groupby, islice
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import tzdata
from dateutil.relativedelta import relativedelta

from integrations.errors import BadRule

TZDATA = tzdata.IANA_VERSION  # which rules of the world's clocks instants were computed with
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)  # nothing is planned beyond
MAX_INTERVAL, MAX_TURNS, MAX_SKIPS = 1000, 50, 50
SLACK = timedelta(days=2)  # no zone is further from UTC, and no gap is longer
MINUTE = timedelta(minutes=1)


class Unit(StrEnum):
    """What a rule counts."""

    ONCE = "once"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Rule:
    """One repetition; BadRule unless it makes sense."""

    start: datetime  # on the wall clock of the zone, to the minute, without a tzinfo
    zone: str  # of the IANA database
    unit: Unit = Unit.ONCE
    interval: int = 1
    weekdays: tuple[int, ...] = ()  # Monday is 0; of weeks only; none: the weekday of the start
    until: date | None = None  # the last day on which it may run
    skips: frozenset[datetime] = frozenset()  # wall times left out

    def __post_init__(self) -> None:
        _wish(self.zone in zones(), f"There is no time zone '{self.zone}'.")
        to_the_minute = self.start.replace(second=0, microsecond=0, tzinfo=None, fold=0)
        _wish(self.start == to_the_minute, "A schedule starts at a minute of a local clock.")
        _wish(FIRST_DAY <= self.start.date() <= LAST_DAY, "This start is too far away.")
        _wish(1 <= self.interval <= MAX_INTERVAL, f"Repeat every 1 to {MAX_INTERVAL} times.")
        days = tuple(day for day in range(7) if day in self.weekdays)
        _wish(self.weekdays == days, "Weekdays are 0 (Monday) to 6 (Sunday), in order, each once.")
        _wish(not self.weekdays or self.unit == Unit.WEEK, "Only weeks have weekdays.")
        _wish(self.until is None or self.until >= self.start.date(), "It ends before it starts.")
        _wish(len(self.skips) <= MAX_SKIPS, f"At most {MAX_SKIPS} runs can be skipped ahead.")


@dataclass(frozen=True)
class Rotation:
    """Several rules that take turns: each occurrence says whose it is."""

    turns: tuple[Rule, ...]

    def __post_init__(self) -> None:
        _wish(1 <= len(self.turns) <= MAX_TURNS, f"A rotation has 1 to {MAX_TURNS} turns.")


@dataclass(frozen=True)
class Occurrence:
    """One run: when, which time was wished for, and whose turn of a rotation it is."""

    at: datetime  # in UTC
    wished: datetime  # on the wall clock; another time than `at` shows only in a gap
    turn: int = 0


@cache
def zones() -> frozenset[str]:
    """The names of every zone of the pinned tzdata."""
    return frozenset(files("tzdata").joinpath("zones").read_text().split())


@cache
def zone(name: str) -> ZoneInfo:
    """A zone of the pinned tzdata: the machine's own may be older and differ between machines."""
    _wish(name in zones(), f"There is no time zone '{name}'.")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def instant_of(wall: datetime, name: str) -> datetime:
    """The first instant at which the clock of the zone shows this time or a later one."""
    clock = zone(name)

    def shown(instant: datetime) -> datetime:
        return instant.astimezone(clock).replace(tzinfo=None)

    late = wall.replace(tzinfo=clock).astimezone(UTC)
    if shown(late) == wall:
        return late  # of a repeated time the first: fold is 0
    # In a gap the two readings of the wall time lie on either side of the change (PEP 495).
    early = wall.replace(tzinfo=clock, fold=1).astimezone(UTC)
    minutes = range((late - early) // MINUTE + 1)
    passed = bisect_left(minutes, True, key=lambda minute: shown(early + minute * MINUTE) >= wall)
    return early + passed * MINUTE


def occurrences(rule: Rule | Rotation, instant: datetime) -> Iterator[Occurrence]:
    """Every run after an instant, in order; of two turns at one instant the later one counts."""
    turns = (_of_rule(one, instant, turn) for turn, one in enumerate(_turns(rule)))
    for _, together in groupby(merge(*turns, key=attrgetter("at", "turn")), key=attrgetter("at")):
        *_, last = together
        yield last


def next_after(rule: Rule | Rotation, instant: datetime) -> Occurrence | None:
    """The first run after an instant; None if there is none."""
    return next(occurrences(rule, instant), None)


def upcoming(rule: Rule | Rotation, instant: datetime, many: int) -> list[Occurrence]:
    """The next runs after an instant, at most so many."""
    return list(islice(occurrences(rule, instant), many))


def skip_next(rule: Rule | Rotation, instant: datetime) -> Rule | Rotation:
    """The same rule without its next run after an instant."""
    coming = next_after(rule, instant)
    if coming is None:
        return rule
    turns = tuple(_without(one, instant, coming.at) for one in _turns(rule))
    return Rotation(turns) if isinstance(rule, Rotation) else turns[0]


def plain(rule: Rule | Rotation) -> dict[str, Any]:
    """A rule as plain data, for JSON."""
    if isinstance(rule, Rotation):
        return {"turns": [plain(one) for one in rule.turns]}
    return {
        "start": rule.start.isoformat(timespec="minutes"),
        "zone": rule.zone,
        "unit": rule.unit.value,
        "interval": rule.interval,
        "weekdays": list(rule.weekdays),
        "until": rule.until.isoformat() if rule.until else None,
        "skips": sorted(skip.isoformat(timespec="minutes") for skip in rule.skips),
    }


def parse(data: Mapping[str, Any]) -> Rule | Rotation:
    """A rule from plain data; BadRule says what is wrong with it."""
    try:
        if "turns" in data:
            return Rotation(tuple(_parsed(one) for one in data["turns"]))
        return _parsed(data)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadRule("This is not a rule of a schedule.") from error


def _parsed(data: Mapping[str, Any]) -> Rule:
    until = data.get("until")
    return Rule(
        start=datetime.fromisoformat(data["start"]),
        zone=str(data["zone"]),
        unit=Unit(data.get("unit", Unit.ONCE)),
        interval=int(data.get("interval", 1)),
        weekdays=tuple(sorted({int(day) for day in data.get("weekdays", ())})),
        until=date.fromisoformat(until) if until else None,
        skips=frozenset(datetime.fromisoformat(skip) for skip in data.get("skips", ())),
    )


def _turns(rule: Rule | Rotation) -> tuple[Rule, ...]:
    return rule.turns if isinstance(rule, Rotation) else (rule,)


def _of_rule(rule: Rule, instant: datetime, turn: int) -> Iterator[Occurrence]:
    last = min(rule.until or LAST_DAY, LAST_DAY)
    for wall in _walls(rule, instant):
        if wall.date() > last:
            return
        at = instant_of(wall, rule.zone)
        if at > instant and wall not in rule.skips:
            yield Occurrence(at=at, wished=wall, turn=turn)


def _walls(rule: Rule, instant: datetime) -> Iterator[datetime]:
    """The wall times of a rule in order, from a little before an instant."""
    if rule.unit == Unit.ONCE:
        yield rule.start
        return
    step, longest = STEPS[rule.unit]
    gone = instant.astimezone(UTC).replace(tzinfo=None) - SLACK - rule.start
    for number in count(max(0, gone // (longest * rule.interval) - 1)):
        yield from (wall for wall in step(rule, number * rule.interval) if wall >= rule.start)


def _day(rule: Rule, number: int) -> list[datetime]:
    return [rule.start + timedelta(days=number)]


def _week(rule: Rule, number: int) -> list[datetime]:
    own = rule.start.weekday()
    monday = rule.start + timedelta(weeks=number, days=-own)
    return [monday + timedelta(days=day) for day in rule.weekdays or (own,)]


def _month(rule: Rule, number: int) -> list[datetime]:
    return [rule.start + relativedelta(months=number)]  # to the last day of a shorter month


# The wall times of the unit so many after the start's own, and how long such a unit is at most.
STEPS: Mapping[Unit, tuple[Callable[[Rule, int], list[datetime]], timedelta]] = {
    Unit.DAY: (_day, timedelta(days=1)),
    Unit.WEEK: (_week, timedelta(weeks=1)),
    Unit.MONTH: (_month, timedelta(days=31)),
}


def _without(rule: Rule, instant: datetime, at: datetime) -> Rule:
    """A rule that does not run at `at`, if that is its next; skips gone by are forgotten."""
    coming = next(_of_rule(rule, instant, 0), None)
    if coming is None or coming.at != at:
        return rule
    ahead = {skip for skip in rule.skips if instant_of(skip, rule.zone) > instant}
    return replace(rule, skips=frozenset(ahead | {coming.wished}))


def _wish(holds: bool, message: str) -> None:
    if not holds:
        raise BadRule(message)
