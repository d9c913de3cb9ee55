"""Rules, specifications and headshots for the tests of schedules."""

from datetime import datetime

from django.utils import timezone

from integrations import recurrence
from integrations.models import Schedule
from integrations.recurrence import Rule, Unit
from integrations.scheduling import services as scheduling_services
from integrations.scheduling.services import Plan
from tests.support.people import photo_of, variant_of

BERLIN = "Europe/Berlin"
Kind, State, Missed = Schedule.Kind, Schedule.State, Schedule.Missed


def rule(unit=Unit.DAY, start="2026-11-25T09:00", **told):
    return Rule(datetime.fromisoformat(start), told.pop("zone", BERLIN), unit, **told)


def plan(kind=Kind.EVERY, **told):
    wanted = rule() if kind == Kind.EVERY else None
    return Plan(kind=kind, **{"rule": wanted, **told})


def look(owner):
    """A headshot from a photo of its own."""
    photo = photo_of(owner, seed=owner.photos.count(), added_at=timezone.now())
    return variant_of(owner, photo=photo)


def daily(owner, **told):
    return scheduling_services.create(owner, plan(**told))


def local(instant):
    return instant.astimezone(recurrence.zone(BERLIN)).isoformat(timespec="minutes")[:16]
