"""What happens by itself: schedules, each of their runs, and the address of their calendar."""

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
class Piece:
    """What a run sends: one headshot, or what is chosen for each profile; as it is, or anew."""

    variant: UUID | None = None  # None: what is chosen for the profile
    anew: bool = False  # made anew from the newest photo

    def plain(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return {"variant": str(self.variant) if self.variant else None, "anew": self.anew}

    @classmethod
    def parse(cls, data: dict[str, Any]) -> "Piece":
        """From plain data."""
        return cls(UUID(data["variant"]) if data["variant"] else None, bool(data["anew"]))


class Schedule(models.Model):
    """What is to be sent where, again and again, until it ends."""

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
    rule = models.JSONField(default=dict)  # recurrence.plain; nothing for a new selfie
    zone = models.CharField(max_length=60, default="UTC")  # in which its times are shown
    profiles = models.JSONField(default=list)  # keys of profiles; none: all of them
    pieces = models.JSONField(default=list)  # Piece.plain, in order or one for each turn
    cursor = models.PositiveIntegerField(default=0)  # how many of a set were played
    missed = models.CharField(max_length=10, choices=Missed, default=Missed.ONCE)
    ask_hours = models.PositiveSmallIntegerField(default=0)  # to say yes; 0: it is not asked
    created_at = models.DateTimeField(default=timezone.now)

    # Where it stands: occurrences after `counted_from` whose wall time is after `last_wall` are
    # still to come, whatever becomes of the world's clocks.
    counted_from = models.DateTimeField(default=timezone.now, editable=False)
    last_wall = models.CharField(max_length=16, blank=True, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)  # the instant that was wished for
    next_run_at = models.DateTimeField(null=True, editable=False)  # with its share of the spread
    tzdata = models.CharField(max_length=10, blank=True, editable=False)  # computed with

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
        ]

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    @property
    def recurrence(self) -> Rule | Rotation | None:
        """The rule; None for one that waits for a new selfie."""
        return recurrence.parse(self.rule) if self.rule else None

    @property
    def spread(self) -> timedelta:
        """How much later than wished it runs, so that not everybody's nine o'clock is one moment.

        The same for all its runs, decided by its id; a single date is kept to the minute.
        """
        if self.kind not in (self.Kind.EVERY, self.Kind.ROTATION):
            return timedelta(0)
        return timedelta(milliseconds=self.id.int % (1000 * settings.SCHEDULE_SPREAD + 1))

    def coming(self) -> Iterator[Occurrence]:
        """Its runs that are still to come, or were missed, in order."""
        rule = self.recurrence
        if rule is None:
            return iter(())
        runs = recurrence.occurrences(rule, self.counted_from)
        return (one for one in runs if wall_of(one) > self.last_wall)

    def reckon(self) -> None:
        """Find out when it runs next, by today's rules of the world's clocks; saving is up to you.

        One that has no run left is over.
        """
        coming = next(self.coming(), None)
        self.due_at = coming.at if coming else None
        self.next_run_at = coming.at + self.spread if coming else None
        self.tzdata = TZDATA
        if coming is None and self.kind != self.Kind.PHOTO:
            self.state = self.State.ENDED

    def piece_of(self, turn: int) -> int:
        """Which piece is played at a turn: its own in a rotation, else the next of the set."""
        if self.kind == self.Kind.ROTATION:
            return turn
        return self.cursor % len(self.pieces)


def wall_of(occurrence: Occurrence) -> str:
    """The wall time of a run as text that sorts."""
    return occurrence.wished.isoformat(timespec="minutes")


class Run(models.Model):
    """One occurrence of a schedule; it exists once, however many clocks say that it is time."""

    class State(models.TextChoices):
        WAITING = "waiting", _("about to start")
        MAKING = "making", _("being made")
        ASKING = "asking", _("asks you")
        SENT = "sent", _("sent")  # each profile's own receipt says how it went on
        SKIPPED = "skipped", _("skipped")
        FAILED = "failed", _("could not be sent")

    OPEN = (State.WAITING, State.MAKING, State.ASKING)

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)  # the batch it sends
    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="runs")
    due_at = models.DateTimeField()  # the instant that was wished for
    planned_at = models.DateTimeField()  # with the spread
    handed_at = models.DateTimeField(default=timezone.now)  # when the clock saw it
    piece = models.PositiveSmallIntegerField(default=0)  # which of the schedule's pieces
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    code = models.CharField(max_length=40, blank=True)
    words = models.CharField(max_length=300, blank=True)
    advice = models.CharField(max_length=300, blank=True)
    render = models.ForeignKey("headshots.Render", models.SET_NULL, null=True, related_name="+")
    decide_by = models.DateTimeField(null=True)  # until when the person may say yes
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
    def sends(self) -> Piece:
        """The piece of its schedule that it plays."""
        return Piece.parse(self.schedule.pieces[self.piece % len(self.schedule.pieces)])


class CalendarAddress(models.Model):
    """A secret address where a calendar program reads when a person's schedules run."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_address"
    )
    token = models.CharField(max_length=40, unique=True, default=new_token)
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
