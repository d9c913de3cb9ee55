"""Rows of photos, of what is asked for and what was made: values only, no brand, no platform."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from headshots.engine.descriptions import done_in_words, likeness_in_words


class Jobs(models.QuerySet[Any]):
    """Work that a worker may claim."""

    def unclaimed(self) -> "Jobs":
        """Nobody's, or held by a worker that has shown no sign of life for a lease."""
        lost = timezone.now() - timedelta(seconds=settings.RENDER_LEASE_SECONDS)
        return self.filter(models.Q(claim=None) | models.Q(touched_at__lt=lost))


class Job(models.Model):
    """A row that is work: `claim` says which run holds it, `touched_at` that the run is alive."""

    claim = models.UUIDField(null=True, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = Jobs.as_manager()

    class Meta:
        abstract = True


class Photo(Job):
    """A photo of a person, as they gave it: upright sRGB pixels, all metadata dropped."""

    class State(models.TextChoices):
        CHECKING = "checking", _("being looked at")
        USABLE = "usable", _("usable")
        REFUSED = "refused", _("cannot be used")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="photos")
    picture = models.CharField(max_length=40)
    name = models.CharField(max_length=120)  # the file's own name, for its owner to recognise it
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    professional = models.BooleanField(default=False)  # by a photographer: may be used untouched
    added_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    checks = models.JSONField(default=list)  # the coach's verdicts, as plain data
    code = models.CharField(max_length=40, blank=True)  # why it was refused
    message = models.CharField(max_length=300, blank=True)
    advice = models.CharField(max_length=300, blank=True)
    view_box = models.CharField(max_length=60, blank=True)  # around the head, in photo pixels

    class Meta:
        ordering = ["-added_at"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "picture"], name="photo_once"),
        ]
        indexes = [models.Index(fields=["owner", "-added_at"])]

    @property
    def is_usable(self) -> bool:
        return self.state == self.State.USABLE

    @property
    def advices(self) -> list[str]:
        """What could be better, in words."""
        return [check["advice"] for check in self.checks if not check["ok"]]


class Render(Job):
    """One press of the button: some looks, from some photos, made together."""

    class Kind(models.TextChoices):
        SHEET = "sheet", _("contact sheet")
        ADJUST = "adjust", _("adjusted")
        REFRESH = "refresh", _("refresh")
        UNTOUCHED = "untouched", _("untouched")
        PAINTED = "painted", _("painted")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="renders")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SHEET)
    photos = models.ManyToManyField(Photo, related_name="renders")
    size = models.PositiveIntegerField(default=1024)  # pixels a side
    seed = models.PositiveIntegerField(default=0)
    paints = models.BooleanField(default=False)  # only a worker with a diffusion network is told
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["owner", "-created_at"]),
            models.Index(
                fields=["touched_at"],
                condition=models.Q(finished_at=None),
                name="render_unfinished",
            ),
        ]

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def seconds(self) -> float | None:
        """How long it took, once it is finished."""
        return (self.finished_at - self.created_at).total_seconds() if self.finished_at else None


class Variant(models.Model):
    """One headshot, wished or made, and the truth about it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        READY = "ready", _("ready")
        REJECTED = "rejected", _("not good enough to be shown")
        FAILED = "failed", _("could not be made")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="variants")
    render = models.ForeignKey(Render, models.CASCADE, related_name="variants")
    photo = models.ForeignKey(Photo, models.SET_NULL, null=True, related_name="variants")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")
    number = models.PositiveIntegerField()  # of the frame on its owner's film
    suffix = models.CharField(max_length=4, blank=True)  # A, B, …: the same frame, adjusted
    look = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    wished = models.JSONField()  # the recipe, resolved, as plain data
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)  # per cent
    step = models.CharField(max_length=20, blank=True)
    picture = models.CharField(max_length=40, blank=True)
    likeness = models.FloatField(null=True)
    skin_delta_e = models.FloatField(null=True)
    steps = models.JSONField(default=list)  # what was really done
    notes = models.JSONField(default=list)
    view_box = models.CharField(max_length=60, blank=True)  # what it shows of the photo
    source_type = models.CharField(max_length=40, blank=True)  # IPTC digital source type
    reason = models.CharField(max_length=300, blank=True)
    advice = models.CharField(max_length=300, blank=True)
    alt_text = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(null=True)
    kept = models.BooleanField(default=False)
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number", "suffix"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "number", "suffix"], name="frame_once"),
        ]
        indexes = [models.Index(fields=["owner", "state", "kept"])]

    @property
    def label(self) -> str:
        """The frame number as printed beside the film's holes."""
        return f"{self.number:02d}{self.suffix}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def latent_view_box(self) -> str:
        """The part of the photo to show while it develops: the best that is known so far."""
        if self.photo is None:
            return ""
        whole = f"0 0 {self.photo.width} {self.photo.height}"
        return self.view_box or self.photo.view_box or whole

    @property
    def likeness_words(self) -> str:
        """The measured distance, in words; empty until it is made."""
        return "" if self.likeness is None else likeness_in_words(self.likeness)

    @property
    def done_words(self) -> list[str]:
        """What was done to the photo, in plain words."""
        return done_in_words(self.steps)
