"""How far a person has come: photos, headshots, profiles, schedule; and what waits for them."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from branding.accounts.models import User
from headshots.models import Photo, Variant
from integrations.models import Connection, HandOff, Publication, Run, Schedule
from integrations.publication_states import State

STEPS: Final = ("photos", "headshots", "profiles", "schedule")


@dataclass(frozen=True)
class JourneyStep:
    """One step of the path that the navigation shows."""

    slug: str
    label: str
    url: str
    number: int
    is_done: bool
    is_next: bool


@dataclass(frozen=True)
class Journey:
    """The steps in their order, and how many things wait for the person's decision."""

    steps: tuple[JourneyStep, ...]
    waiting: int

    @property
    def next_step(self) -> str:
        """The first step that is not done; "" when all are."""
        return next((step.slug for step in self.steps if step.is_next), "")


def journey_of(owner: User) -> Journey:
    """Return the journey of a person, from a single query."""
    facts: dict[str, Any] = dict(
        get_user_model()
        .objects.filter(pk=owner.pk)
        .values(
            has_photos=Exists(_own(Photo, state=Photo.State.USABLE)),
            has_headshots=Exists(_own(Variant, state=Variant.State.READY, discarded_at=None)),
            has_profiles=Exists(_own(Publication, state=State.PUBLISHED)),
            has_handoffs=Exists(_own(HandOff, state__in=(HandOff.State.DONE, HandOff.State.SEEN))),
            has_schedule=Exists(_own(Schedule, state=Schedule.State.ACTIVE)),
            blocked=_count(_own(Publication, state=State.BLOCKED)),
            lost=_count(_own(Connection, state=Connection.State.LOST)),
            asking=_count(
                Run.objects.filter(schedule__owner=OuterRef("pk"), state=Run.State.ASKING),
                by="schedule__owner",
            ),
        )
        .get()
    )
    done = {slug: bool(facts[f"has_{slug}"]) for slug in STEPS}
    done["profiles"] = done["profiles"] or bool(facts["has_handoffs"])
    waiting = sum(facts[name] or 0 for name in ("blocked", "lost", "asking"))
    return Journey(_build_steps(done), waiting)


def _own(model: type, **conditions: object) -> QuerySet:  # type: ignore[type-arg]  # of any model
    return model.objects.filter(owner=OuterRef("pk"), **conditions)  # type: ignore[attr-defined]


def _count(rows: QuerySet, by: str = "owner") -> Subquery:  # type: ignore[type-arg]  # of any model
    return Subquery(rows.order_by().values(by).annotate(count=Count("pk")).values("count"))


def _build_steps(done: dict[str, bool]) -> tuple[JourneyStep, ...]:
    next_slug = next((slug for slug in STEPS if not done[slug]), "")
    labels = {
        "photos": (_("Photos"), "web:photos"),
        "headshots": (_("Headshots"), "web:sheets"),
        "profiles": (_("Profiles"), "web:profiles"),
        "schedule": (_("Schedule"), "web:schedules"),
    }
    return tuple(
        JourneyStep(
            slug,
            labels[slug][0],
            reverse(labels[slug][1]),
            number,
            is_done=done[slug],
            is_next=slug == next_slug,
        )
        for number, slug in enumerate(STEPS, 1)
    )
