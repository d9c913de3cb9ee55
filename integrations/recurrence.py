"""When a schedule runs: rules in the local time of a time zone, converted to instants in UTC.

Rules are a small part of the RRULE of RFC 5545: once, or every N days, weeks (on some weekdays) or
months, until a date, without some exceptions. A rotation consists of several such rules that take
turns. In a month without a 31st, a rule for that day runs on the last day (SKIP=BACKWARD of
RFC 7529).

RFC 5545 is not consistent about local times that a clock change skips (sections 3.3.5 and 3.3.10).
Here a run is due *at the first instant at which the clock of the zone shows the wished time or a
later one of that day*. A time that the clock skips in spring runs at the next valid minute, and a
time that it shows twice in autumn runs once, the first time.

An occurrence is computed from its number and not by counting from the start, so the cost does not
depend on how long ago a rule started.
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

TZDATA = tzdata.IANA_VERSION  # the version of the time zone database, such as "2026a"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)  # rules stay within these dates
MAX_INTERVAL, MAX_TURNS, MAX_SKIPS = 1000, 50, 50
ZONE_MARGIN = timedelta(days=2)  # more than any offset from UTC and than any clock change
MINUTE = timedelta(minutes=1)


class Unit(StrEnum):
    """The unit of a rule's interval."""

    ONCE = "once"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Rule:
    """One rule; BadRule if its values do not fit together."""

    start: datetime  # local time of the zone, to the minute, without tzinfo
    zone: str  # name in the IANA time zone database
    unit: Unit = Unit.ONCE
    interval: int = 1
    weekdays: tuple[int, ...] = ()  # 0 is Monday; only with weeks; empty: the weekday of the start
    until: date | None = None  # the last day on which it may run
    skips: frozenset[datetime] = frozenset()  # local times that are left out

    def __post_init__(self) -> None:
        _require(self.zone in zone_names(), f"There is no time zone '{self.zone}'.")
        to_the_minute = self.start.replace(second=0, microsecond=0, tzinfo=None, fold=0)
        _require(self.start == to_the_minute, "A schedule starts at a minute of a local clock.")
        _require(FIRST_DAY <= self.start.date() <= LAST_DAY, "This start is too far away.")
        _require(1 <= self.interval <= MAX_INTERVAL, f"Repeat every 1 to {MAX_INTERVAL} times.")
        days = tuple(day for day in range(7) if day in self.weekdays)
        _require(
            self.weekdays == days, "Weekdays are 0 (Monday) to 6 (Sunday), in order, each once."
        )
        _require(not self.weekdays or self.unit == Unit.WEEK, "Only weeks have weekdays.")
        _require(self.until is None or self.until >= self.start.date(), "It ends before it starts.")
        _require(len(self.skips) <= MAX_SKIPS, f"At most {MAX_SKIPS} runs can be skipped ahead.")


@dataclass(frozen=True)
class Rotation:
    """Several rules that take turns; each occurrence says which rule it belongs to."""

    turns: tuple[Rule, ...]

    def __post_init__(self) -> None:
        _require(1 <= len(self.turns) <= MAX_TURNS, f"A rotation has 1 to {MAX_TURNS} turns.")


@dataclass(frozen=True)
class Occurrence:
    """One run of a rule or a rotation."""

    at: datetime  # when it is due, in UTC
    local_time: datetime  # the local time by the rule; differs from `at` only if the clock skips it
    turn: int = 0  # index of the rule in the rotation


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all zones in the installed tzdata package."""
    return frozenset(files("tzdata").joinpath("zones").read_text().split())


@cache
def load_zone(name: str) -> ZoneInfo:
    """Return a zone of the installed tzdata package; BadRule if there is none of that name.

    The time zone database of the operating system is not used: it differs between machines.
    """
    _require(name in zone_names(), f"There is no time zone '{name}'.")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def resolve_local_time(wall: datetime, zone_name: str) -> datetime:
    """Return the first instant at which the clock of a zone shows a local time or a later one."""
    clock = load_zone(zone_name)

    def local_time(instant: datetime) -> datetime:
        return instant.astimezone(clock).replace(tzinfo=None)

    late = wall.replace(tzinfo=clock).astimezone(UTC)
    if local_time(late) == wall:
        return late  # of a repeated time the first one, as fold is 0
    # A skipped time is read as an instant before or after the change, by `fold` (PEP 495).
    early = wall.replace(tzinfo=clock, fold=1).astimezone(UTC)
    minutes = range((late - early) // MINUTE + 1)
    first = bisect_left(
        minutes, True, key=lambda minute: local_time(early + minute * MINUTE) >= wall
    )
    return early + first * MINUTE


def iterate_occurrences(rule: Rule | Rotation, instant: datetime) -> Iterator[Occurrence]:
    """Yield all runs after an instant, in order.

    If two rules of a rotation are due at the same instant, only the later rule runs.
    """
    by_rule = (_rule_occurrences(item, instant, turn) for turn, item in enumerate(_rules_of(rule)))
    merged = merge(*by_rule, key=attrgetter("at", "turn"))
    for _, simultaneous in groupby(merged, key=attrgetter("at")):
        *_, last = simultaneous
        yield last


def next_occurrence(rule: Rule | Rotation, instant: datetime) -> Occurrence | None:
    """Return the first run after an instant; None if there is none."""
    return next(iterate_occurrences(rule, instant), None)


def list_upcoming(rule: Rule | Rotation, instant: datetime, limit: int) -> list[Occurrence]:
    """Return the next runs after an instant, at most `limit`."""
    return list(islice(iterate_occurrences(rule, instant), limit))


def skip_next(rule: Rule | Rotation, instant: datetime) -> Rule | Rotation:
    """Return the rule without its next run after an instant."""
    skipped = next_occurrence(rule, instant)
    if skipped is None:
        return rule
    rules = tuple(_skip_occurrence(item, instant, skipped.at) for item in _rules_of(rule))
    return Rotation(rules) if isinstance(rule, Rotation) else rules[0]


def rule_to_dict(rule: Rule | Rotation) -> dict[str, Any]:
    """Return a rule as data for JSON; `parse_rule` reads it."""
    if isinstance(rule, Rotation):
        return {"turns": [rule_to_dict(item) for item in rule.turns]}
    return {
        "start": rule.start.isoformat(timespec="minutes"),
        "zone": rule.zone,
        "unit": rule.unit.value,
        "interval": rule.interval,
        "weekdays": list(rule.weekdays),
        "until": rule.until.isoformat() if rule.until else None,
        "skips": sorted(skip.isoformat(timespec="minutes") for skip in rule.skips),
    }


def parse_rule(data: Mapping[str, Any]) -> Rule | Rotation:
    """Return the rule that JSON data describes; BadRule if it describes none."""
    try:
        if "turns" in data:
            return Rotation(tuple(_parse_single_rule(item) for item in data["turns"]))
        return _parse_single_rule(data)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadRule("This is not a rule of a schedule.") from error


def _parse_single_rule(data: Mapping[str, Any]) -> Rule:
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


def _rules_of(rule: Rule | Rotation) -> tuple[Rule, ...]:
    return rule.turns if isinstance(rule, Rotation) else (rule,)


def _rule_occurrences(rule: Rule, instant: datetime, turn: int) -> Iterator[Occurrence]:
    last = min(rule.until or LAST_DAY, LAST_DAY)
    for wall in _wall_times(rule, instant):
        if wall.date() > last:
            return
        at = resolve_local_time(wall, rule.zone)
        if at > instant and wall not in rule.skips:
            yield Occurrence(at=at, local_time=wall, turn=turn)


def _wall_times(rule: Rule, instant: datetime) -> Iterator[datetime]:
    """Yield the local times of a rule in order, from shortly before an instant."""
    if rule.unit == Unit.ONCE:
        yield rule.start
        return
    unit_times, longest_unit = UNIT_TIMES[rule.unit]
    elapsed = instant.astimezone(UTC).replace(tzinfo=None) - ZONE_MARGIN - rule.start
    for number in count(max(0, elapsed // (longest_unit * rule.interval) - 1)):
        times = unit_times(rule, number * rule.interval)
        yield from (wall for wall in times if wall >= rule.start)


def _day_times(rule: Rule, number: int) -> list[datetime]:
    return [rule.start + timedelta(days=number)]


def _week_times(rule: Rule, number: int) -> list[datetime]:
    start_day = rule.start.weekday()
    monday = rule.start + timedelta(weeks=number, days=-start_day)
    return [monday + timedelta(days=day) for day in rule.weekdays or (start_day,)]


def _month_times(rule: Rule, number: int) -> list[datetime]:
    return [rule.start + relativedelta(months=number)]  # the last day of a shorter month


# For each unit: the local times within the unit that is `number` units after the start, and the
# longest duration of such a unit.
UNIT_TIMES: Mapping[Unit, tuple[Callable[[Rule, int], list[datetime]], timedelta]] = {
    Unit.DAY: (_day_times, timedelta(days=1)),
    Unit.WEEK: (_week_times, timedelta(weeks=1)),
    Unit.MONTH: (_month_times, timedelta(days=31)),
}


def _skip_occurrence(rule: Rule, instant: datetime, at: datetime) -> Rule:
    """Return a rule that does not run at `at`, if that is its next run; past skips are removed."""
    upcoming_run = next(_rule_occurrences(rule, instant, 0), None)
    if upcoming_run is None or upcoming_run.at != at:
        return rule
    future_skips = {skip for skip in rule.skips if resolve_local_time(skip, rule.zone) > instant}
    return replace(rule, skips=frozenset(future_skips | {upcoming_run.local_time}))


def _require(is_valid: bool, message: str) -> None:
    if not is_valid:
        raise BadRule(message)
