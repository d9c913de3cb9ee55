"""Find recent events in the database.

The services that change state know nothing of webhooks: what happened is read from their rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from branding.webhooks.models import Event
from headshots.models import Render
from integrations.models import Attempt, Grant, Run
from integrations.publication_states import State
from integrations.scheduling.selectors import token_of

MANY: Final = 200  # events of each kind for one person that are read at a time
TOLD: Final = {State.PUBLISHED: Event.VERIFIED, State.FAILED: Event.FAILED}


@dataclass(frozen=True)
class Happening:
    """An event that happened; its `key` is the same however often the event is read."""

    key: str
    event: Event
    at: datetime
    data: dict[str, Any]


def since(owner: Any, moment: datetime) -> Iterator[Happening]:
    """Yield every event of an owner since a moment.

    Questions of schedules and connections that end soon are yielded as long as they are true.
    """
    yield from _renders(owner, moment)
    yield from _publications(owner, moment)
    yield from _questions(owner)
    yield from _endings(owner)


def _renders(owner: Any, moment: datetime) -> Iterator[Happening]:
    finished = Render.objects.filter(owner=owner, finished_at__gte=moment)
    for render in finished.order_by("-finished_at")[:MANY]:
        data = {"render": str(render.pk), "kind": render.kind}
        yield Happening(f"render:{render.pk}", Event.RENDER, render.finished_at, data)


def _publications(owner: Any, moment: datetime) -> Iterator[Happening]:
    told = (State.PUBLISHED, State.FAILED, State.BLOCKED)
    steps = Attempt.objects.filter(publication__owner=owner, at__gte=moment, target__in=told)
    for one in steps.select_related("publication").order_by("-at")[:MANY]:
        row = one.publication
        data = {
            "publication": str(row.pk),
            "batch": str(row.batch),
            "place": row.place,
            "connection": str(row.connection_id) if row.connection_id else None,
            "variant": str(row.variant_id) if row.variant_id else None,
            "code": one.code,
            "words": one.words,
        }
        yield Happening(f"step:{one.pk}", _event(one), one.at, data)


def _event(step: Attempt) -> Event:
    """Return the event of a step that published, failed or blocked a publication."""
    blocked = Event.DRIFTED if step.code == "drifted" else Event.NEEDS_YOU
    return TOLD.get(State(step.target), blocked)


def _questions(owner: Any) -> Iterator[Happening]:
    asking = Run.objects.filter(schedule__owner=owner, state=Run.State.ASKING)
    for one in asking.select_related("schedule")[:MANY]:
        answer = reverse("web:schedule_answer", args=[token_of(one)])
        data = {
            "run": str(one.pk),
            "schedule": str(one.schedule_id),
            "name": one.schedule.name,
            "decide_by": one.decide_by.isoformat() if one.decide_by else None,
            "answer_url": settings.SITE_URL + answer,
        }
        yield Happening(f"run:{one.pk}", Event.ASKS, one.handed_at, data)


def _endings(owner: Any) -> Iterator[Happening]:
    warned = Grant.objects.filter(connection__owner=owner).exclude(warned_days=None)
    for one in warned.select_related("connection"):
        data = {
            "connection": str(one.connection_id),
            "platform": one.connection.slug,
            "ends_at": one.ends_at.isoformat() if one.ends_at else None,
            "days": one.warned_days,
        }
        key = f"grant:{one.pk}:{one.issued_at:%Y%m%d%H%M%S}:{one.warned_days}"
        yield Happening(key, Event.ENDING, one.ends_at or one.issued_at, data)
