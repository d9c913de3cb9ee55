"""When a person's schedules run, as a calendar that other programs read (RFC 5545)."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from integrations.scheduling.selectors import Planned, coming_up

Owner = Any  # a settings.AUTH_USER_MODEL
AHEAD = timedelta(days=180)
MOST = 500  # events
LENGTH = timedelta(minutes=5)  # so that a calendar has something to draw


def feed(owner: Owner, *, now: datetime) -> bytes:
    """The runs of the next half year as events in UTC.

    Events and not rules: calendar programs disagree about times that a clock change leaves out or
    repeats, and what is shown should be what happens.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Facet//Schedules//EN")
    calendar.add("x-wr-calname", _("Headshots"))
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for one in islice(coming_up(owner, until=now + AHEAD), MOST):
        calendar.add_component(_event(one, now))
    return bytes(calendar.to_ical())


def _event(one: Planned, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{one.schedule.pk}-{one.wished_at.timestamp():.0f}@facet")
    event.add("dtstamp", now)
    event.add("dtstart", one.planned_at.astimezone(now.tzinfo))
    event.add("duration", LENGTH)
    event.add("summary", one.schedule.name or _("Headshots are sent"))
    event.add("url", settings.SITE_URL)
    event.add("transp", "TRANSPARENT")
    return event
