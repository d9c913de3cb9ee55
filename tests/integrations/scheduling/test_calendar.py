"""The next runs: as a list, as a month, as a feed."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from icalendar import Calendar

from integrations.models import CalendarAddress, Schedule
from integrations.recurrence import Unit
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.ical import build_feed
from tests.integrations.scheduling.examples import daily, local_text, make_rule, make_spec

pytestmark = pytest.mark.django_db(transaction=True)


def test_next_ten_runs_are_shown_before_it_is_saved(alice):
    draft = scheduling_services.draft_schedule(
        alice, make_spec(rule=make_rule(Unit.WEEK, weekdays=(2, 4)))
    )
    shown = schedule_selectors.next_runs(draft)
    assert [local_text(planned_run.wished_at) for planned_run in shown[:3]] == [
        "2026-11-25T09:00",
        "2026-11-27T09:00",
        "2026-12-02T09:00",
    ]
    assert len(shown) == 10 and shown[0].wished_at.utcoffset() == timedelta(hours=1)
    assert not Schedule.objects.exists()


def test_month_shows_each_day_with_its_runs(alice):
    daily(alice)
    scheduling_services.create_schedule(
        alice, make_spec(rule=make_rule(Unit.WEEK, "2026-12-04T17:00", zone="Asia/Tokyo"))
    )
    month = schedule_selectors.runs_by_day(alice, 2026, 12)
    assert sorted(month) == [date(2026, 12, day) for day in range(1, 32)]
    assert len(month[date(2026, 12, 4)]) == 2 and len(month[date(2026, 12, 5)]) == 1
    assert all(
        planned_run.planned_at <= later.planned_at
        for planned_run, later in pairwise(month[min(month)])
    )
    assert schedule_selectors.runs_by_day(alice, 2199, 12) == {}


def test_feed_tells_calendar_programs_when_it_runs(alice, clock):
    schedule = daily(
        alice, name="Morning, \\ noon; night", rule=make_rule(until=date(2026, 11, 27))
    )
    read = Calendar.from_ical(build_feed(alice, now=clock.now))
    events = list(read.walk("VEVENT"))
    planned = [planned_run.planned_at for planned_run in schedule_selectors.next_runs(schedule)]
    assert [event.start for event in events] == planned and len(events) == 3
    assert {str(event["summary"]) for event in events} == {"Morning, \\ noon; night"}
    assert len({str(event["uid"]) for event in events}) == 3
    assert read["prodid"] and read["version"] == "2.0"


def test_feed_has_an_end(alice, clock, settings):
    settings.SCHEDULE_LIMIT = 50
    for _ in range(5):
        daily(alice)
    assert len(list(Calendar.from_ical(build_feed(alice, now=clock.now)).walk("VEVENT"))) == 500


def test_address_of_the_calendar_opens_closes_and_changes(alice):
    first = scheduling_services.open_calendar_address(alice).token
    assert len(first) >= 22 and schedule_selectors.calendar_owner(first) == alice
    scheduling_services.close_calendar_address(alice)
    with pytest.raises(CalendarAddress.DoesNotExist):
        schedule_selectors.calendar_owner(first)
    assert scheduling_services.open_calendar_address(alice).token == first
    assert scheduling_services.renew_calendar_address(alice).token != first
    with pytest.raises(CalendarAddress.DoesNotExist):
        schedule_selectors.calendar_owner(first)
