"""The next runs: as a list, as a month, as a feed."""

import unicodedata
from datetime import date, timedelta
from itertools import pairwise

import pytest
import vobject
from icalendar import Calendar

from integrations.models import CalendarAddress, Schedule
from integrations.recurrence import Unit
from integrations.scheduling import selectors as schedule_selectors
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.ical import build_feed
from tests.integrations.scheduling.examples import daily, local_text, make_rule, make_spec
from tests.support.people import browser

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


AWKWARD = "Monday\x07\x00\x1b, \u0085half; \\ Zoë 😀 " + "long " * 30


@pytest.mark.parametrize("name", ["", AWKWARD[:80], "BEGIN:VEVENT", "a\r\nEND:VCALENDAR"])
def test_feed_is_read_by_two_libraries(alice, clock, name):
    schedule = daily(alice, rule=make_rule(until=date(2026, 11, 27)))
    Schedule.objects.filter(pk=schedule.pk).update(name=name.replace("\x00", ""))
    feed = build_feed(alice, now=clock.now)
    starts = [event.start for event in Calendar.from_ical(feed).walk("VEVENT")]
    calendar = vobject.readOne(feed.decode())
    assert [event.dtstart.value for event in calendar.vevent_list] == starts and len(starts) == 3
    summaries = {str(event["summary"]) for event in Calendar.from_ical(feed).walk("VEVENT")}
    assert {event.summary.value for event in calendar.vevent_list} == summaries


def test_feed_follows_the_grammar(alice, clock):
    schedule = daily(alice)
    Schedule.objects.filter(pk=schedule.pk).update(name=AWKWARD.replace("\x00", "")[:80])
    feed = build_feed(alice, now=clock.now)
    assert feed.endswith(b"END:VCALENDAR\r\n") and b"\n" not in feed.replace(b"\r\n", b"")
    assert max(map(len, feed.split(b"\r\n"))) <= 75, "octets of a line, RFC 5545, 3.1"
    text = feed.decode()
    assert not any(unicodedata.category(letter) == "Cc" for letter in text.replace("\r\n", ""))
    assert "Monday, half" in text.replace("\r\n ", "").replace("\\", "")


def test_feed_without_runs_is_a_valid_calendar(alice, clock):
    feed = build_feed(alice, now=clock.now)
    assert Calendar.from_ical(feed).subcomponents and vobject.readOne(feed.decode()).vtimezone
    assert not Calendar.from_ical(feed).walk("VEVENT")


def test_feed_stays_the_same_until_a_schedule_runs_or_changes(alice, clock):
    schedule = daily(alice)
    first = build_feed(alice, now=clock.now)
    clock.forward(hours=3)
    assert build_feed(alice, now=clock.now) == first
    scheduling_services.change_schedule(schedule, make_spec(name="Another name"))
    changed = Calendar.from_ical(build_feed(alice, now=clock.now)).walk("VEVENT")[0]
    assert changed["uid"] == Calendar.from_ical(first).walk("VEVENT")[0]["uid"]
    assert changed.stamp > Calendar.from_ical(first).walk("VEVENT")[0].stamp


@pytest.mark.parametrize("method", ["get", "head"])
def test_calendar_program_is_told_what_it_gets(alice, method):
    daily(alice, name="Zoë")
    ask, path = (
        getattr(browser(), method),
        f"/calendar/{scheduling_services.open_calendar_address(alice).token}.ics",
    )
    answer = ask(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" not in answer.headers["Cache-Control"]
    again = ask(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.content
    assert again.headers["ETag"] == answer.headers["ETag"]
    daily(alice)
    assert ask(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


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
