"""The coming runs of a person's schedules as an iCalendar feed (RFC 5545)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from integrations.scheduling.selectors import PlannedRun, upcoming_runs

if TYPE_CHECKING:
    from headshots.models import User

FEED_PERIOD = timedelta(days=180)  # which the feed covers
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
    for planned_run in islice(upcoming_runs(owner, until=now + FEED_PERIOD), MAX_EVENTS):
        calendar.add_component(_build_event(planned_run, now))
    return bytes(calendar.to_ical())


def _build_event(planned_run: PlannedRun, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{planned_run.schedule.pk}-{planned_run.wished_at.timestamp():.0f}@facet")
    event.add("dtstamp", now)
    event.add("dtstart", planned_run.planned_at.astimezone(now.tzinfo))
    event.add("duration", EVENT_LENGTH)
    event.add("summary", planned_run.schedule.name or _("Headshots are sent"))
    event.add("url", settings.SITE_URL)
    event.add("transp", "TRANSPARENT")
    return event
