"""Presets of the schedule form: what people usually want, each with the values it starts with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from integrations.models import Schedule
from integrations.recurrence import Unit

MONDAY, SATURDAY = "0", "5"


@dataclass(frozen=True)
class Preset:
    """One preset: how it is named and explained, and the values of its form on a given day."""

    slug: str
    title: Any
    text: Any
    values: Callable[[date], dict[str, Any]]


def _first_of_next_month(today: date) -> date:
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


PRESETS: Final = (
    Preset(
        "date",
        _("On a date"),
        _("Change your picture once, on a day you choose."),
        lambda today: {"kind": Schedule.Kind.DATE, "start": today + timedelta(days=1)},
    ),
    Preset(
        "month",
        _("Every month"),
        _("Keep your profiles fresh on the first of each month."),
        lambda today: {
            "kind": Schedule.Kind.EVERY,
            "unit": Unit.MONTH,
            "start": _first_of_next_month(today),
        },
    ),
    Preset(
        "week",
        _("Weekdays serious, weekends casual"),
        _("Two headshots take turns: one from Monday, one from Saturday."),
        lambda _today: {
            "kind": Schedule.Kind.ROTATION,
            "turns": [
                {"weekdays": [day], "at": "06:00", "unit": Unit.WEEK} for day in (MONDAY, SATURDAY)
            ],
        },
    ),
    Preset(
        "photo",
        _("After each new photo"),
        _("Add a selfie, and your headshots are made again from it."),
        lambda _today: {"kind": Schedule.Kind.PHOTO, "anew": True},
    ),
)


def find_preset(slug: str) -> Preset | None:
    """Return the preset of this name; None for any other name."""
    return next((preset for preset in PRESETS if preset.slug == slug), None)


def initial_values_of(preset: Preset, today: date, wished_day: str = "") -> dict[str, Any]:
    """Return the values with which its form starts; a day that was clicked is its first one."""
    values = {"profiles": None, **preset.values(today)}
    try:
        day = parse_date(wished_day)
    except ValueError:
        day = None
    return {**values, "start": day} if day else values
