"""Rules become instants: every zone, every clock change, and what dateutil says of a rule."""

import json
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice, pairwise

import numpy as np
import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from integrations import recurrence
from integrations.errors import BadRule
from integrations.recurrence import Rotation, Rule, Unit

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BEGIN, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
AROUND = 3 * DAY  # checked before and after a change
BERLIN = "Europe/Berlin"


def at(text, zone="UTC"):
    """An instant from the reading of a clock."""
    return datetime.fromisoformat(text).replace(tzinfo=recurrence.load_zone(zone)).astimezone(UTC)


def every(unit, start="2026-03-01T09:00", zone=BERLIN, **options):
    return Rule(datetime.fromisoformat(start), zone, unit, **options)


def local_times(rule, instant, limit):
    runs = recurrence.list_upcoming(rule, instant, limit)
    return [run.local_time.isoformat(timespec="minutes") for run in runs]


# Every zone, every change.


@cache
def clock_changes_of(name):
    """Every change of this zone's clock, to the minute, by asking for the offset day by day."""
    clock = recurrence.load_zone(name)
    days = [BEGIN + DAY * number for number in range((END - BEGIN).days + 1)]
    offsets = [clock.utcoffset(day.astimezone(clock)) for day in days]
    clock_changes = []
    for day, before, after in zip(days, offsets, offsets[1:], strict=False):
        if before != after:
            minutes = range(1441)
            step = next(
                minute
                for minute in minutes
                if clock.utcoffset((day + timedelta(minutes=minute)).astimezone(clock)) == after
            )
            clock_changes.append((day + timedelta(minutes=step), before, after))
    return clock_changes


@cache
def first_shown(change, before, after):
    """For each half hour of the day of a change and its neighbours, the instant it is due.

    An oracle that knows two offsets and no zone: the clock is read every minute, and a time is due
    when the clock has shown it, or a later one, for the first time.
    """
    begin = change - AROUND
    minutes = np.arange(2 * AROUND // MINUTE)
    offset = np.where(minutes < AROUND // MINUTE, before // MINUTE, after // MINUTE)
    shown = np.maximum.accumulate(minutes + offset)  # local minutes, from `begin` read as local
    midnight = (change + before).replace(hour=0, minute=0) - DAY
    wanted = (midnight - begin) // MINUTE + np.arange(0, 3 * 24 * 60, 30)
    return {
        (begin + int(wall) * MINUTE).replace(tzinfo=None): begin + int(due) * MINUTE
        for wall, due in zip(wanted, np.searchsorted(shown, wanted), strict=True)
    }


def test_machine_with_other_zones_changes_nothing():
    assert recurrence.zone_names() == zoneinfo.available_timezones() - {"localtime"}
    assert recurrence.load_zone(BERLIN) is recurrence.load_zone(BERLIN)


@pytest.mark.slow
def test_every_change_of_every_zone_misses_and_doubles_nothing():
    """A daily rule at each hour of the day, checked over the three days of each change.

    And at each half hour, once for all zones that change together.
    """
    seen, kinds = 0, set()
    for name in sorted(recurrence.zone_names()):
        assert all(
            later[0] - earlier[0] > 2 * AROUND
            for earlier, later in pairwise(clock_changes_of(name))
        )
        for change, before, after in clock_changes_of(name):
            due = first_shown(change, before, after)
            step = 2 if (change, before, after) in kinds else 1
            for start in islice(due, 0, 48, step):
                wished = [start + day * DAY for day in range(3)]
                rule = Rule(start - 30 * DAY, name, Unit.DAY)
                runs = recurrence.iterate_occurrences(rule, due[start] - MINUTE)
                ran = [(run.local_time, run.at) for run in islice(runs, 3)]
                assert ran == [(wall, due[wall]) for wall in wished], (name, change)
            kinds.add((change, before, after))
            seen += 1
    assert seen > 6000


@pytest.mark.parametrize(
    "name",
    [
        "Africa/Casablanca",
        "America/Nuuk",
        "Australia/Lord_Howe",
        "Europe/Dublin",
        "Asia/Beirut",
        "Antarctica/Troll",
    ],
)
def test_hourly_look_at_odd_clocks_sees_each_day_once(name):
    """A tick every hour for sixteen years, as the clock would do it: 5,844 days, each once."""
    rule = Rule(datetime(2020, 1, 1, 2, 30), name, Unit.DAY)
    days, coming, now = [], recurrence.next_occurrence(rule, BEGIN - DAY), BEGIN - DAY
    while now < END + DAY:
        while coming.at <= now:
            days.append(coming.local_time.date())
            coming = recurrence.next_occurrence(rule, coming.at)
        now += HOUR
    wanted = [date(2020, 1, 1) + number * DAY for number in range(5844)]
    assert days[:5844] == wanted


def test_time_in_the_gap_runs_at_the_next_valid_minute():
    rule = every(Unit.DAY, "2026-03-01T02:30")
    run = recurrence.next_occurrence(rule, at("2026-03-28T12:00"))
    assert run.at == at("2026-03-29T03:00", BERLIN) == at("2026-03-29T01:00")
    assert run.local_time == datetime(2026, 3, 29, 2, 30)


def test_repeated_time_runs_once_the_first_time():
    rule = every(Unit.DAY, "2026-03-01T02:30")
    first, second = recurrence.list_upcoming(rule, at("2026-10-24T12:00"), 2)
    assert first.at == at("2026-10-25T00:30")
    assert second.at == at("2026-10-26T01:30")


def test_day_that_a_country_left_out_runs_as_soon_as_the_next_begins():
    """Samoa had no 30 December 2011."""
    rule = every(Unit.DAY, "2011-12-28T09:00", "Pacific/Apia")
    runs = recurrence.list_upcoming(rule, at("2011-12-29T00:00"), 3)
    assert [run.at for run in runs] == [
        at("2011-12-29T09:00", "Pacific/Apia"),
        at("2011-12-31T00:00", "Pacific/Apia"),
        at("2011-12-31T09:00", "Pacific/Apia"),
    ]


# What a rule says.


def test_rule_without_repetition_runs_once():
    rule = every(Unit.ONCE)
    assert local_times(rule, at("2026-01-01"), 3) == ["2026-03-01T09:00"]
    assert recurrence.next_occurrence(rule, at("2026-03-01T09:00", BERLIN)) is None


def test_weeks_run_on_their_weekdays_from_the_start_on():
    rule = every(Unit.WEEK, "2026-11-25T17:00", interval=2, weekdays=(0, 2, 4))
    assert local_times(rule, at("2026-01-01"), 5) == [
        "2026-11-25T17:00",
        "2026-11-27T17:00",
        "2026-12-07T17:00",
        "2026-12-09T17:00",
        "2026-12-11T17:00",
    ]


def test_month_without_the_31st_runs_on_its_last_day():
    rule = every(Unit.MONTH, "2026-12-31T09:00")
    assert local_times(rule, at("2027-01-01"), 4) == [
        "2027-01-31T09:00",
        "2027-02-28T09:00",
        "2027-03-31T09:00",
        "2027-04-30T09:00",
    ]


def test_leap_day_comes_every_year():
    rule = every(Unit.MONTH, "2028-02-29T09:00", interval=12)
    assert local_times(rule, at("2028-12-01"), 4) == [
        "2029-02-28T09:00",
        "2030-02-28T09:00",
        "2031-02-28T09:00",
        "2032-02-29T09:00",
    ]


def test_last_day_is_in_the_zone_and_included():
    rule = every(Unit.DAY, "2026-03-01T23:30", "America/Los_Angeles", until=date(2026, 3, 2))
    assert local_times(rule, at("2026-01-01"), 9) == ["2026-03-01T23:30", "2026-03-02T23:30"]


def test_rotation_says_whose_turn_it_is():
    serious = every(Unit.WEEK, "2026-11-23T08:00", weekdays=(0,))
    casual = every(Unit.WEEK, "2026-11-23T17:00", weekdays=(4,))
    runs = recurrence.list_upcoming(Rotation((serious, casual)), at("2026-11-24T12:00"), 4)
    assert [(run.turn, run.local_time.strftime("%a %H:%M")) for run in runs] == [
        (1, "Fri 17:00"),
        (0, "Mon 08:00"),
        (1, "Fri 17:00"),
        (0, "Mon 08:00"),
    ]


def test_of_two_turns_at_one_instant_the_later_one_counts():
    """Both lie in the gap of spring: the later wish is what should hang from then on."""
    rule = Rotation((every(Unit.DAY, "2026-03-01T02:15"), every(Unit.DAY, "2026-03-01T02:45")))
    runs = recurrence.list_upcoming(rule, at("2026-03-29T00:00"), 2)
    assert [(run.turn, run.at) for run in runs] == [
        (1, at("2026-03-29T01:00")),
        (0, at("2026-03-30T00:15")),
    ]


def test_skipped_run_is_left_out_and_the_others_stay():
    rule = recurrence.skip_next(every(Unit.DAY), at("2026-04-01T12:00"))
    assert local_times(rule, at("2026-04-01T12:00"), 2) == ["2026-04-03T09:00", "2026-04-04T09:00"]
    skipped_later = recurrence.skip_next(rule, at("2026-04-10T12:00"))
    assert skipped_later.skips == {datetime(2026, 4, 11, 9)}  # past skips are removed


def test_skip_of_a_rotation_skips_every_turn_of_that_instant():
    rule = Rotation((every(Unit.DAY), every(Unit.DAY), every(Unit.DAY, "2026-03-01T10:00")))
    run = recurrence.next_occurrence(recurrence.skip_next(rule, at("2026-04-01")), at("2026-04-01"))
    assert (run.turn, run.local_time) == (2, datetime(2026, 4, 1, 10))


def test_nothing_is_left_to_skip_after_the_end():
    rule = every(Unit.ONCE)
    assert recurrence.skip_next(rule, at("2027-01-01")) is rule


# Laws over all rules.

STARTS = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)).map(
    lambda wall: wall.replace(second=0, microsecond=0)
)
INSTANTS = st.datetimes(datetime(1999, 1, 1), datetime(2070, 1, 1), timezones=st.just(UTC))


@st.composite
def rules(draw, units=tuple(Unit)):
    unit = draw(st.sampled_from(units))
    start = draw(STARTS)
    days = st.sets(st.integers(0, 6)).map(lambda weekdays: tuple(sorted(weekdays)))
    return Rule(
        start=start,
        zone=draw(st.sampled_from(sorted(recurrence.zone_names()))),
        unit=unit,
        interval=draw(st.integers(1, 60)),
        weekdays=draw(days) if unit == Unit.WEEK else (),
        until=draw(st.none() | st.integers(0, 20_000).map(lambda n: start.date() + n * DAY)),
    )


def same_in_dateutil(rule):
    """The same rule as a library would expand it, by wall times."""
    options = {
        Unit.ONCE: {"freq": rrule.DAILY, "count": 1},
        Unit.DAY: {"freq": rrule.DAILY},
        Unit.WEEK: {"freq": rrule.WEEKLY, "byweekday": rule.weekdays or (rule.start.weekday(),)},
        Unit.MONTH: {
            "freq": rrule.MONTHLY,
            "bymonthday": range(1, rule.start.day + 1),
            "bysetpos": -1,
        },
    }[rule.unit]
    last = datetime.combine(rule.until or recurrence.LAST_DAY, datetime.max.time())
    end = {} if rule.unit == Unit.ONCE else {"until": last}
    return rrule.rrule(dtstart=rule.start, interval=rule.interval, wkst=0, **options, **end)


@given(rules())
def test_dateutil_agrees_on_the_wall_times(rule):
    before = rule.start.replace(tzinfo=UTC) - 3 * DAY
    mine = [run.local_time for run in recurrence.list_upcoming(rule, before, 40)]
    theirs = [wall for wall, _ in zip(same_in_dateutil(rule), range(40), strict=False)]
    assert mine == theirs


@given(rules(), INSTANTS)
def test_runs_are_after_the_instant_in_order_and_without_gaps(rule, instant):
    runs = recurrence.list_upcoming(rule, instant, 4)
    assert all(run.at > instant for run in runs)
    assert all(earlier.at < later.at for earlier, later in pairwise(runs))
    for earlier, later in pairwise(runs):
        assert recurrence.next_occurrence(rule, earlier.at) == later
        assert recurrence.next_occurrence(rule, later.at - MINUTE) == later


@given(st.lists(rules(), min_size=1, max_size=4), INSTANTS)
def test_rotation_is_the_union_of_its_turns(turns, instant):
    rotation = Rotation(tuple(turns))
    alone = {run.at for rule in turns for run in recurrence.list_upcoming(rule, instant, 5)}
    together = [run.at for run in recurrence.list_upcoming(rotation, instant, 5)]
    assert together == sorted(alone)[:5]


@given(rules(), INSTANTS)
def test_skipping_takes_exactly_one_run_out(rule, instant):
    whole = recurrence.list_upcoming(rule, instant, 4)
    rest = recurrence.list_upcoming(recurrence.skip_next(rule, instant), instant, 3)
    assert rest == whole[1:4]


@given(rules() | st.lists(rules(), min_size=1, max_size=3).map(lambda t: Rotation(tuple(t))))
def test_rule_survives_json(rule):
    assert recurrence.parse_rule(json.loads(json.dumps(recurrence.rule_to_dict(rule)))) == rule


def test_old_rule_costs_no_more_than_a_young_one(monkeypatch):
    """Counted, not timed: how often a wall time is turned into an instant."""
    calls = []
    original = recurrence.resolve_local_time
    monkeypatch.setattr(
        recurrence, original.__name__, lambda *args: calls.append(args) or original(*args)
    )
    for unit in Unit:
        for interval in (1, 1000):
            rule = Rule(datetime(2000, 1, 31, 9), "UTC", unit, interval)
            calls.clear()
            recurrence.next_occurrence(rule, at("2190-01-01"))
            assert len(calls) <= 60, (unit, interval)


@pytest.mark.parametrize(
    "changes",
    [
        {"zone": "Europe/Atlantis"},
        {"zone": "../../etc/passwd"},
        {"unit": "hour"},
        {"interval": 0},
        {"interval": 1001},
        {"interval": "often"},
        {"weekdays": [7], "unit": "week"},
        {"weekdays": [1], "unit": "day"},
        {"weekdays": 3, "unit": "week"},
        {"start": "tomorrow"},
        {"start": "1999-12-31T09:00"},
        {"start": "2200-01-01T09:00"},
        {"start": None},
        {"start": "2026-03-01T09:00:30"},
        {"start": "2026-03-01T09:00+01:00"},
        {"until": "2026-02-01"},
        {"until": "never"},
        {"turns": []},
        {"turns": [{}]},
        {"turns": 3},
        {"turns": ["daily"]},
        {"skips": ["now and then"]},
        {
            "skips": [
                f"2026-{month:02}-{day:02}T09:00" for month in range(1, 4) for day in range(1, 20)
            ]
        },
        {"turns": [{"start": "2026-03-01T09:00", "zone": "UTC"}] * 51},
    ],
)
def test_bad_rule_is_refused_with_a_sentence(changes):
    good = {"start": "2026-03-01T09:00", "zone": BERLIN, "unit": "day"}
    assert recurrence.parse_rule(good)
    with pytest.raises(BadRule) as raised:
        recurrence.parse_rule(good | changes)
    assert raised.value.code == "bad_rule"
    assert raised.value.message.endswith(".") and raised.value.advice


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.floats(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["start", "zone", "unit", "interval", "weekdays", "until", "turns", "skips"]
                ),
                inner,
            )
        ),
    )
)
def test_anything_else_is_refused_the_same_way(data):
    with pytest.raises(BadRule):
        recurrence.parse_rule(data if isinstance(data, dict) else {"turns": data})
