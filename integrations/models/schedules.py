"""Schedules, their runs, and the address of a person's calendar of runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations import recurrence
from integrations.models.choices import new_token
from integrations.recurrence import TZDATA, Occurrence, Rotation, Rule


@dataclass(frozen=True)
class ScheduledItem:
    """What a run publishes: a headshot, or each profile's choice; as it is, or rendered anew."""

    variant: UUID | None = None  # None: the headshot that is chosen for each profile
    anew: bool = False  # rendered anew from the newest photo

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {"variant": str(self.variant) if self.variant else None, "anew": self.anew}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ScheduledItem":
        """Return the item that `to_dict` described."""
        return cls(UUID(data["variant"]) if data["variant"] else None, bool(data["anew"]))


class Schedule(models.Model):
    """A rule by which headshots are published automatically."""

    class Kind(models.TextChoices):
        DATE = "date", _("on a date")
        EVERY = "every", _("again and again")
        ROTATION = "rotation", _("in rotation")
        PHOTO = "photo", _("after a new selfie")

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")

    class Missed(models.TextChoices):
        ONCE = "once", _("run once as soon as possible")
        SKIP = "skip", _("skip it")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="schedules")
    name = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    rule = models.JSONField(default=dict)  # recurrence.plain; empty for a new selfie
    zone = models.CharField(max_length=60, default="UTC")  # in which times are shown
    profiles = models.JSONField(default=list)  # keys of profiles; empty: all of them
    pieces = models.JSONField(default=list)  # of ScheduledItem.to_dict; a rotation: one per turn
    cursor = models.PositiveIntegerField(default=0)  # how many items have run
    missed = models.CharField(max_length=10, choices=Missed, default=Missed.ONCE)
    ask_hours = models.PositiveSmallIntegerField(default=0)  # time to approve; 0: without asking
    created_at = models.DateTimeField(default=timezone.now)

    # The position in the rule: occurrences after `counted_from` whose wall time is after
    # `last_wall` are still to come. The wall time keeps a run from happening twice when tzdata
    # changes.
    counted_from = models.DateTimeField(default=timezone.now, editable=False)
    last_wall = models.CharField(max_length=16, blank=True, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)  # of the rule
    next_run_at = models.DateTimeField(null=True, editable=False)  # with the spread
    tzdata = models.CharField(max_length=10, blank=True, editable=False)  # version used

    class Meta:
        ordering = ["created_at"]
        indexes = [
            models.Index(fields=["owner", "created_at"]),
            models.Index(
                fields=["next_run_at"], condition=models.Q(state="active"), name="schedule_due"
            ),
            models.Index(
                fields=["tzdata"], condition=models.Q(state="active"), name="schedule_tzdata"
            ),
            models.Index(
                fields=["counted_from"],
                condition=models.Q(state="active", kind="photo"),
                name="schedule_selfie",
            ),
            models.Index(
                fields=["counted_from"],
                condition=models.Q(state="active"),
                name="schedule_counted_from",
            ),
        ]

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    @property
    def recurrence(self) -> Rule | Rotation | None:
        """The rule; None for a schedule that waits for a new selfie."""
        return recurrence.parse_rule(self.rule) if self.rule else None

    @property
    def spread(self) -> timedelta:
        """How much later than its rule says it runs, so that not all schedules run at once.

        Between 0 and SCHEDULE_SPREAD_SECONDS, the same for all its runs, taken from its id. A
        single date is kept to the minute.
        """
        if self.kind not in (self.Kind.EVERY, self.Kind.ROTATION):
            return timedelta(0)
        return timedelta(milliseconds=self.id.int % (1000 * settings.SCHEDULE_SPREAD_SECONDS + 1))

    def iter_occurrences(self) -> Iterator[Occurrence]:
        """Yield the occurrences that are still to come or were missed, in order."""
        rule = self.recurrence
        if rule is None:
            return iter(())
        occurrences = recurrence.iterate_occurrences(rule, self.counted_from)
        return (
            occurrence
            for occurrence in occurrences
            if format_wall_time(occurrence) > self.last_wall
        )

    def compute_next_run(self) -> None:
        """Compute when it runs next, with the installed tzdata, without saving it.

        A schedule that has no run left becomes ended.
        """
        occurrence = next(self.iter_occurrences(), None)
        self.due_at = occurrence.at if occurrence else None
        self.next_run_at = occurrence.at + self.spread if occurrence else None
        self.tzdata = TZDATA
        if occurrence is None and self.kind != self.Kind.PHOTO:
            self.state = self.State.ENDED

    def item_index_at(self, turn: int) -> int:
        """Return the index of the item to publish: a rotation's own for each turn, or the next."""
        if self.kind == self.Kind.ROTATION:
            return turn
        return self.cursor % len(self.pieces)


def format_wall_time(occurrence: Occurrence) -> str:
    """Return the wall time of an occurrence as text that sorts chronologically."""
    return occurrence.local_time.isoformat(timespec="minutes")


class Run(models.Model):
    """The execution of one occurrence of a schedule; unique by schedule and instant."""

    class State(models.TextChoices):
        WAITING = "waiting", _("about to start")
        MAKING = "making", _("being made")
        ASKING = "asking", _("asks you")
        SENT = "sent", _("sent")  # the publications say how it went on
        SKIPPED = "skipped", _("skipped")
        FAILED = "failed", _("could not be sent")

    OPEN = (State.WAITING, State.MAKING, State.ASKING)

    # Also the batch of its publications.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="runs")
    due_at = models.DateTimeField()  # of the rule
    planned_at = models.DateTimeField()  # with the spread
    handed_at = models.DateTimeField(default=timezone.now)  # when it was dispatched
    piece = models.PositiveSmallIntegerField(default=0)  # index of the schedule's item
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(db_column="words", max_length=300, blank=True)
    advice = models.CharField(max_length=300, blank=True)
    render = models.ForeignKey("headshots.Render", models.SET_NULL, null=True, related_name="+")
    decide_by = models.DateTimeField(null=True)  # deadline of the approval
    # What the person is asked about: the key of each profile with the id and the file of the
    # headshot. A yes is for exactly that. None: the person was not asked.
    shown = models.JSONField(null=True)
    agreed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["-due_at"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="run_once"),
        ]
        indexes = [
            models.Index(
                fields=["touched_at"],
                condition=models.Q(state__in=("waiting", "making", "asking")),
                name="run_open",
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_by_hand(self) -> bool:
        """Whether the person started it with a button, which is also their approval."""
        return self.agreed_at is not None and self.agreed_at == self.due_at

    @property
    def scheduled_item(self) -> ScheduledItem:
        """The item of its schedule that it publishes."""
        return ScheduledItem.from_dict(self.schedule.pieces[self.piece % len(self.schedule.pieces)])


class CalendarAddress(models.Model):
    """A secret address at which calendar programs read when a person's schedules run."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_address"
    )
    token = models.CharField(max_length=40, unique=True, default=new_token)
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
