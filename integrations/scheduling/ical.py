"""The coming runs of a person's schedules as an iCalendar feed (RFC 5545)."""

from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from integrations.scheduling.selectors import Planned, coming_up

AHEAD = timedelta(days=180)  # which the feed covers
MOST = 500  # events in a feed
LENGTH = timedelta(minutes=5)  # of an event, so that calendar programs can draw it


def feed(owner: AbstractBaseUser, *, now: datetime) -> bytes:
    """Return the runs of the next half year as an iCalendar file with times in UTC.

    It has events instead of recurrence rules, because calendar programs disagree about local times
    that a clock change skips or repeats.
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
