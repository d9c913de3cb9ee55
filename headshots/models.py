"""Photos, renders (jobs that make headshots) and variants (the single headshots)."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from headshots.engine.descriptions import describe_likeness, describe_steps
from headshots.engine.io.provenance import TRAINED

if TYPE_CHECKING:
    from django.contrib.auth.models import _User

    User = _User  # the model that settings.AUTH_USER_MODEL names, to annotate owners with


def lease_start() -> datetime:
    """Return the moment since which a worker that is at work has sent a heartbeat."""
    return timezone.now() - timedelta(seconds=settings.RENDER_LEASE_SECONDS)


class JobQuerySet(models.QuerySet[Any]):
    """Rows that a worker may claim."""

    def unclaimed(self) -> "JobQuerySet":
        """Return rows without a claim, and those whose worker has sent no heartbeat for a lease.

        The lease is settings.RENDER_LEASE_SECONDS.
        """
        return self.filter(models.Q(claim=None) | models.Q(touched_at__lt=lease_start()))


class Job(models.Model):
    """Base of rows that workers process.

    `claim` identifies the run that holds the row, `touched_at` is the last heartbeat of that run.
    """

    claim = models.UUIDField(null=True, editable=False)
    touched_at = models.DateTimeField(default=timezone.now, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True


class Photo(Job):
    """An uploaded photo: upright sRGB pixels, without any metadata of the uploaded file."""

    class State(models.TextChoices):
        CHECKING = "checking", _("being looked at")
        USABLE = "usable", _("usable")
        REFUSED = "refused", _("cannot be used")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="photos")
    picture = models.CharField(max_length=40)
    name = models.CharField(max_length=120)  # file name of the upload, for its owner to recognise
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    professional = models.BooleanField(default=False)  # by a photographer: may be used unretouched
    added_at = models.DateTimeField(default=timezone.now)
    # When its uploader said that they may use it, and by which words: see headshots.wording.
    consented_at = models.DateTimeField(null=True, editable=False)
    consent_version = models.CharField(
        max_length=10, blank=True, default="", db_default="", editable=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    checks = models.JSONField(default=list)  # results of the input checks, as plain data
    code = models.CharField(max_length=40, blank=True)  # code of the error if it was refused
    message = models.CharField(max_length=300, blank=True)
    advice = models.CharField(max_length=300, blank=True)
    view_box = models.CharField(max_length=60, blank=True)  # SVG viewBox of the head, photo pixels
    # Boxes of the faces in the photo, largest first, as [left, top, width, height] in shares of its
    # width and height; None until they are known. `face` is the index of the chosen one; None means
    # the largest, if it dominates.
    faces = models.JSONField(null=True)
    face = models.PositiveSmallIntegerField(null=True)
    # What the photo will give, as plain data: see headshots.engine.prediction.Prediction;
    # None until it is checked.
    prediction = models.JSONField(null=True)
    # What it shows besides who is in it, as plain data: see
    # headshots.engine.appearance.Appearance; None until it is checked.
    appearance = models.JSONField(null=True)
    # Photos of one person have the same number; None if there is no usable face. Only the number is
    # kept: faces are compared while a photo is checked, and no description of a face is stored.
    person = models.UUIDField(null=True, editable=False)

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
    def has_several_faces(self) -> bool:
        return len(self.faces or ()) > 1

    def center_of_face(self, index: int | None) -> tuple[float, float] | None:
        """Return the centre of a face, as shares of width and height; None for no such face."""
        boxes = self.faces or []
        if index is None or index >= len(boxes):
            return None
        left, top, width, height = boxes[index]
        return left + width / 2, top + height / 2

    @property
    def advices(self) -> list[str]:
        """Advice of every check that failed."""
        return [check["advice"] for check in self.checks if not check["ok"]]

    @property
    def prediction_sentence(self) -> str:
        """What the photo will give and why, as a sentence; empty until it is known."""
        return str((self.prediction or {}).get("sentence", ""))

    @property
    def degrees_to_turn(self) -> int:
        """Degrees to the left by which the photo must be turned before it can be used, or 0."""
        return int((self.prediction or {}).get("degrees", 0)) if not self.is_usable else 0


class Render(Job):
    """A job that makes one variant for each of some looks, from some photos of one person."""

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
    paints = models.BooleanField(default=False)  # needs a worker with a diffusion pipeline
    # Indexes of the faces that were chosen when it was started, by the photo's id.
    faces = models.JSONField(null=True)
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

    def face_in(self, photo: Photo) -> int | None:
        """Return the index of the face that was chosen in a photo when the render was started."""
        return (self.faces or {}).get(str(photo.pk))

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def seconds(self) -> float | None:
        """Duration from request to last variant; None while it is unfinished."""
        return (self.finished_at - self.created_at).total_seconds() if self.finished_at else None


class Variant(models.Model):
    """One headshot: requested, then made, rejected or failed; with what was measured on it."""

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
    number = models.PositiveIntegerField()  # counts its owner's headshots from 1
    suffix = models.CharField(max_length=4, blank=True)  # A, B, …: adjusted versions of a number
    look = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    wished = models.JSONField()  # the requested recipe as plain data, with every value resolved
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)  # per cent
    step = models.CharField(max_length=20, blank=True)
    picture = models.CharField(max_length=40, blank=True)
    likeness = models.FloatField(null=True)
    skin_delta_e = models.FloatField(null=True)
    steps = models.JSONField(default=list)  # steps that were applied, with their parameters
    notes = models.JSONField(default=list)
    view_box = models.CharField(max_length=60, blank=True)  # SVG viewBox of its crop, photo pixels
    source_type = models.CharField(max_length=40, blank=True)  # IPTC digital source type
    # What its files state about it, as plain data: see headshots.evidence.Evidence; None until it
    # is made, and for headshots of versions that did not measure it.
    evidence = models.JSONField(null=True)
    # Whether its files are marked as made with AI where its face was painted; see `is_marked`.
    visible_mark = models.BooleanField(default=True, db_default=True)
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
        """Number and suffix as they are shown to people: 07B."""
        return f"{self.number:02d}{self.suffix}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def shows_other_face(self) -> bool:
        """Whether another face of its photo was chosen since it was made."""
        if self.photo is None:
            return False
        return (self.render.face_in(self.photo) or 0) != (self.photo.face or 0)

    @property
    def has_painted_face(self) -> bool:
        """Whether an image model painted the face, or it is not the photographed one any more."""
        claim = (self.evidence or {}).get("face")
        return claim == "regenerated" or self.source_type == TRAINED

    @property
    def is_marked(self) -> bool:
        """Whether its files are marked visibly as made with AI."""
        return self.visible_mark and self.has_painted_face

    @property
    def latent_view_box(self) -> str:
        """SVG viewBox of the photo to show while the variant is being made.

        The crop of the variant if it is known, else the head, else the whole photo.
        """
        if self.photo is None:
            return ""
        whole = f"0 0 {self.photo.width} {self.photo.height}"
        return self.view_box or self.photo.view_box or whole

    @property
    def likeness_words(self) -> str:
        """Likeness in words; empty until the variant is made."""
        return "" if self.likeness is None else describe_likeness(self.likeness)

    @property
    def done_words(self) -> list[str]:
        """What was done to the photo, in sentences."""
        return describe_steps(self.steps)
