"""Events in an iCalendar file (RFC 5545) for which another headshot may suit; nothing is stored."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from dateutil.rrule import rrulestr
from django.utils.translation import gettext_lazy as _
from icalendar import Calendar, Event
from icalendar.error import InvalidCalendar

from branding.advice.models import ScheduleProposal
from headshots.errors import ServiceError

MAX_FILE_BYTES: Final = 1_000_000
MAX_EVENTS: Final = 5000  # events of a file that are read
PERIOD: Final = timedelta(days=180)  # from today, in which an event begins
LONGEST: Final = timedelta(days=30)  # a longer event is cut off
MAX_PROPOSALS: Final = 20  # from one calendar, the first ones
SLOW_REPEATS: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")  # others are no events of this kind
ONE_DAY: Final = timedelta(days=1)
# What a title contains; a person can edit these words. The first kind that fits is taken.
WORDS: Final[Mapping[str, Any]] = {
    ScheduleProposal.Kind.TALK: _("talk, keynote, conference, panel"),
    ScheduleProposal.Kind.INTERVIEW: _("interview"),
    ScheduleProposal.Kind.LAUNCH: _("launch, release"),
    ScheduleProposal.Kind.HOLIDAY: _("holiday, vacation"),
}


class UnreadableCalendar(ServiceError):
    """A file or address that is no iCalendar file, or too large a one."""

    code = "unreadable_calendar"
    advice = "Export the calendar as an .ics file, and choose that file."


@dataclass(frozen=True, order=True)
class CalendarEvent:
    """An event of a kind, with its first and last day; what it is called is not kept."""

    first_day: date
    last_day: date
    kind: str


def find_events(
    data: bytes, words: Mapping[str, Iterable[str]], today: date
) -> list[CalendarEvent]:
    """Return the coming events whose titles contain one of the words of a kind, the first ones.

    Of a series, only the next event counts. Raises UnreadableCalendar.
    """
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableCalendar("This calendar is too large.")
    events = {_recognize_event(event, words, today) for event in _read_events(data)}
    return sorted(event for event in events if event)[:MAX_PROPOSALS]


def _read_events(data: bytes) -> Iterator[Event]:
    """Yield the events of a file; of one that is damaged, those that can be read."""
    try:
        calendar = Calendar.from_ical(data)
    except (ValueError, IndexError, KeyError, AttributeError) as error:
        raise UnreadableCalendar("This is not a calendar that we can read.") from error
    for number, component in enumerate(calendar.walk("VEVENT")):
        if number == MAX_EVENTS:
            return
        if isinstance(component, Event):
            yield component


def _recognize_event(
    event: Event, words: Mapping[str, Iterable[str]], today: date
) -> CalendarEvent | None:
    """Return an event that is coming and of a kind; None for others and for a damaged one."""
    try:
        kind = _find_kind(str(event.get("SUMMARY", "")), words)
        days = _find_days(event, today) if kind else None
    except (InvalidCalendar, OverflowError):
        return None
    if days is None:
        return None
    first_day, last_day = days
    return CalendarEvent(first_day, min(last_day, first_day + LONGEST), kind)


def _find_kind(title: str, words: Mapping[str, Iterable[str]]) -> str:
    """Return the first kind of which a word begins a word of the title; "" for none."""
    title_words = title.lower().split()
    for kind, kind_words in words.items():
        if any(part.startswith(word) for part in title_words for word in kind_words):
            return kind
    return ""


def _find_days(event: Event, today: date) -> tuple[date, date] | None:
    """Return the first and last day of an event, or of the next one of a series; None if past."""
    start, end = _read_day(event, "DTSTART"), _read_day(event, "DTEND")
    if start is None:
        return None
    length = max((end or start) - start, timedelta(0))
    if length and not isinstance(getattr(event.get("DTSTART"), "dt", None), datetime):
        length -= ONE_DAY  # the end of whole days is the day after (RFC 5545, section 3.6.1)
    first_day = _next_start(event, start, today)
    if first_day is None or not today < first_day <= today + PERIOD:
        return None
    return first_day, first_day + length


def _read_day(event: Event, name: str) -> date | None:
    """Return the day of a date or time; None if there is none that can be read."""
    value = getattr(event.get(name), "dt", None)
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _next_start(event: Event, start: date, today: date) -> date | None:
    """Return the first day of an event, or of the next one of its series after today."""
    rule = event.get("RRULE")
    if rule is None or start > today:
        return start
    if isinstance(rule, list) or rule.get("FREQ", [""])[0] not in SLOW_REPEATS:
        return None
    plain = {key: value for key, value in rule.items() if key != "UNTIL"}
    until = rule.get("UNTIL", [None])[0]
    last_day = until.date() if isinstance(until, datetime) else until
    try:
        series = rrulestr(type(rule)(plain).to_ical().decode(), dtstart=_at_midnight(start))
        following = series.after(_at_midnight(today))
    except (ValueError, TypeError):
        return None
    if following is None or (last_day and following.date() > last_day):
        return None
    return following.date()


def _at_midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())
