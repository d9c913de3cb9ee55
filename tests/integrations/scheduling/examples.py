"""Rules, specifications and headshots for the tests of schedules."""

from datetime import datetime

from django.utils import timezone

from integrations import recurrence
from integrations.models import Schedule
from integrations.recurrence import Rule, Unit
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import ScheduleSpec
from tests.support.people import photo_of, variant_of

BERLIN = "Europe/Berlin"
Kind, State, Missed = Schedule.Kind, Schedule.State, Schedule.Missed


def make_rule(unit=Unit.DAY, start="2026-11-25T09:00", **options):
    return Rule(datetime.fromisoformat(start), options.pop("zone", BERLIN), unit, **options)


def make_spec(kind=Kind.EVERY, **options):
    default_rule = make_rule() if kind == Kind.EVERY else None
    return ScheduleSpec(kind=kind, **{"rule": default_rule, **options})


def make_headshot(owner):
    """A headshot from a photo of its own."""
    photo = photo_of(owner, seed=owner.photos.count(), added_at=timezone.now())
    return variant_of(owner, photo=photo)


def daily(owner, **options):
    return scheduling_services.create_schedule(owner, make_spec(**options))


def local_text(instant):
    return instant.astimezone(recurrence.load_zone(BERLIN)).isoformat(timespec="minutes")[:16]
