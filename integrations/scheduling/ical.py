"""The coming runs of a person's schedules as an iCalendar feed (RFC 5545)."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneStandard

from integrations.scheduling.selectors import PlannedRun, upcoming_runs

if TYPE_CHECKING:
    from headshots.models import User

FEED_PERIOD = timedelta(days=180)  # which the feed covers, to the end of the day in UTC
MAX_EVENTS = 500  # events in a feed
EVENT_LENGTH = timedelta(minutes=5)  # of an event, so that calendar programs can draw it


def build_feed(owner: User, *, now: datetime) -> bytes:
    """Return the runs of the next half year as an iCalendar file with times in UTC.

    It has events instead of recurrence rules, because calendar programs disagree about local times
    that a clock change skips or repeats.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Facet//Schedules//EN")
    calendar.add("x-wr-calname", _("Headshots"))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add_component(_build_utc())
    last_day = (now + FEED_PERIOD).astimezone(UTC).date()
    until = datetime.combine(last_day, time.max, UTC)
    for planned_run in islice(upcoming_runs(owner, until=until), MAX_EVENTS):
        calendar.add_component(_build_event(planned_run))
    return bytes(calendar.to_ical())


def _build_utc() -> Timezone:
    """Return the time zone of the events.

    A calendar needs at least one component (RFC 5545, section 3.6), and this one shows nowhere, so
    that a calendar without runs is valid as well.
    """
    standard_time = TimezoneStandard()
    standard_time.add("dtstart", datetime(1970, 1, 1))
    standard_time.add("tzoffsetfrom", timedelta())
    standard_time.add("tzoffsetto", timedelta())
    zone = Timezone()
    zone.add("tzid", "UTC")
    zone.add_component(standard_time)
    return zone


def _build_event(planned_run: PlannedRun) -> Event:
    """Return a run as an event, which stays the same until its schedule runs or is changed."""
    schedule, starts_at = planned_run.schedule, planned_run.expected_at.astimezone(UTC)
    event = Event()
    event.add("uid", f"{schedule.pk}-{planned_run.wished_at.timestamp():.0f}@facet")
    event.add("dtstamp", schedule.counted_from.astimezone(UTC))
    event.add("dtstart", starts_at)
    event.add("duration", EVENT_LENGTH)
    event.add("summary", _drop_control_characters(schedule.name) or _("Headshots are sent"))
    event.add("url", settings.SITE_URL)
    event.add("transp", "TRANSPARENT")
    return event


def _drop_control_characters(text: str) -> str:
    """Return text as RFC 5545, section 3.3.11, allows it: without control characters."""
    is_control = {"Cc", "Cs"}.__contains__
    return "".join(letter for letter in text if not is_control(unicodedata.category(letter)))
