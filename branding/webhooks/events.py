"""Find recent events in the database.

The services that change state know nothing of webhooks: what happened is read from their rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from branding.juries.models import Jury
from branding.webhooks.models import EventType
from headshots.models import Render
from integrations.models import Attempt, Grant, Run
from integrations.publication_states import State
from integrations.publishing.outages import STILL_WAITING
from integrations.scheduling.selectors import approval_token

MAX_EVENTS: Final = 200  # events of each kind for one person that are read at a time
EVENT_BY_STATE: Final = {State.PUBLISHED: EventType.VERIFIED, State.FAILED: EventType.FAILED}


@dataclass(frozen=True)
class OccurredEvent:
    """An event that happened; its `key` is the same however often the event is read."""

    key: str
    event: EventType
    happened_at: datetime
    data: dict[str, Any]


def events_since(owner_id: int, moment: datetime) -> Iterator[OccurredEvent]:
    """Yield every event of an owner since a moment.

    Questions of schedules and connections that end soon are yielded as long as they are true.
    """
    yield from _finished_renders(owner_id, moment)
    yield from _publication_steps(owner_id, moment)
    yield from _schedule_questions(owner_id)
    yield from _jury_turns(owner_id, moment)
    yield from _ending_connections(owner_id)


def _finished_renders(owner_id: int, moment: datetime) -> Iterator[OccurredEvent]:
    renders = Render.objects.filter(owner=owner_id, finished_at__gte=moment)
    for render in renders.order_by("-finished_at")[:MAX_EVENTS]:
        data = {"render": str(render.pk), "kind": render.kind}
        yield OccurredEvent(f"render:{render.pk}", EventType.RENDER, render.finished_at, data)


def _publication_steps(owner_id: int, moment: datetime) -> Iterator[OccurredEvent]:
    final_states = (State.PUBLISHED, State.FAILED, State.BLOCKED)
    steps = Attempt.objects.filter(
        publication__owner=owner_id, at__gte=moment, target__in=final_states
    )
    steps = steps.exclude(code=STILL_WAITING)  # which was told when it began
    for step in steps.select_related("publication").order_by("-at")[:MAX_EVENTS]:
        publication = step.publication
        data = {
            "publication": str(publication.pk),
            "batch": str(publication.batch),
            "place": publication.place,
            "connection": str(publication.connection_id) if publication.connection_id else None,
            "variant": str(publication.variant_id) if publication.variant_id else None,
            "code": step.code,
            "words": step.message,
        }
        yield OccurredEvent(f"step:{step.pk}", _event_of_step(step), step.at, data)


def _event_of_step(step: Attempt) -> EventType:
    """Return the event of a step that published, failed or blocked a publication."""
    event_if_blocked = EventType.DRIFTED if step.code == "drifted" else EventType.NEEDS_YOU
    return EVENT_BY_STATE.get(State(step.target), event_if_blocked)


def _schedule_questions(owner_id: int) -> Iterator[OccurredEvent]:
    asking_runs = Run.objects.filter(schedule__owner=owner_id, state=Run.State.ASKING)
    for run in asking_runs.select_related("schedule")[:MAX_EVENTS]:
        answer_path = reverse("web:schedule_answer", args=[approval_token(run)])
        data = {
            "run": str(run.pk),
            "schedule": str(run.schedule_id),
            "name": run.schedule.name,
            "decide_by": run.decide_by.isoformat() if run.decide_by else None,
            "answer_url": settings.SITE_URL + answer_path,
        }
        yield OccurredEvent(f"run:{run.pk}", EventType.ASKS, run.handed_at, data)


def _jury_turns(owner_id: int, moment: datetime) -> Iterator[OccurredEvent]:
    """Yield that a jury was decided, and that its link closed: ended by its owner, or expired."""
    now = timezone.now()
    has_turned = Q(decided_at__gte=moment) | Q(ended_at__gte=moment)
    has_expired = Q(ended_at=None, expires_at__gte=moment, expires_at__lte=now)
    juries = Jury.objects.filter(has_turned | has_expired, render__owner=owner_id)
    for jury in juries.order_by("-created_at")[:MAX_EVENTS]:
        closed_at = jury.ended_at or jury.expires_at
        data = {"jury": str(jury.pk), "render": str(jury.render_id), "question": jury.question}
        if jury.decided_at and jury.decided_at >= moment:
            yield OccurredEvent(f"decided:{jury.pk}", EventType.DECIDED, jury.decided_at, data)
        if moment <= closed_at <= now:
            yield OccurredEvent(f"ended:{jury.pk}", EventType.ENDED, closed_at, data)


def _ending_connections(owner_id: int) -> Iterator[OccurredEvent]:
    warned_grants = Grant.objects.filter(connection__owner=owner_id).exclude(warned_days=None)
    for grant in warned_grants.select_related("connection"):
        data = {
            "connection": str(grant.connection_id),
            "platform": grant.connection.slug,
            "ends_at": grant.ends_at.isoformat() if grant.ends_at else None,
            "days": grant.warned_days,
        }
        key = f"grant:{grant.pk}:{grant.issued_at:%Y%m%d%H%M%S}:{grant.warned_days}"
        yield OccurredEvent(key, EventType.ENDING, grant.ends_at or grant.issued_at, data)
