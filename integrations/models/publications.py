"""What is sent where: each sending as a row, every step it took, and what hung there before."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import Connection
from integrations.models.handoffs import HandOff
from integrations.models.sealed import Sealed
from integrations.places import Frame, frames
from integrations.publication_states import ENDS, HOLDING, WATCHED, State

# What a person reads on the receipt.
RECEIPT: Final[Mapping[State, Any]] = {
    State.SCHEDULED: _("scheduled"),
    State.READY: _("waiting"),
    State.SENDING: _("sending"),
    State.PROCESSING: _("accepted"),
    State.PROPAGATING: _("propagating"),
    State.UNCERTAIN: _("checking"),
    State.BLOCKED: _("needs you"),
    State.PUBLISHED: _("verified"),
    State.FAILED: _("failed"),
    State.CANCELLED: _("cancelled"),
}


class Backup(Sealed):
    """A picture that hung at an account, as it was, or that there was none; kept once."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="backups")
    slot = models.CharField(max_length=20, default="avatar")
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of its bytes; '' for none
    key = models.CharField(max_length=500, blank=True)  # the platform's own, when last seen
    media_type = models.CharField(max_length=40, blank=True)
    alt_text = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=100, blank=True)  # how it looks
    portrait = models.BinaryField(default=bytes, blank=True)  # small, as a JPEG, to be shown
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "slot", "digest"], name="picture_backed_up_once"
            ),
        ]

    @property
    def is_none(self) -> bool:
        """Whether there was no picture."""
        return not self.digest


class Publication(models.Model):
    """One picture on its way to one place; trying again after an end makes another one."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="publications")
    # None: a place that this server serves, or that only the person can change.
    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, related_name="publications"
    )
    place = models.SlugField(max_length=40)
    slot = models.CharField(max_length=20, default="avatar")
    variant = models.ForeignKey(
        "headshots.Variant", models.SET_NULL, null=True, related_name="publications"
    )
    # An undo sends what hung there before instead of a variant.
    restores = models.ForeignKey(Backup, models.SET_NULL, null=True, related_name="+")
    undoes = models.ForeignKey("self", models.SET_NULL, null=True, related_name="undone_by")
    handoff = models.ForeignKey(  # where the person sets it themselves
        HandOff, models.SET_NULL, null=True, related_name="publications"
    )
    batch = models.UUIDField(default=uuid4, db_index=True)  # what was asked for together
    origin = models.UUIDField(null=True, db_index=True)  # the schedule that asked; None: the person
    key = models.CharField(max_length=100, unique=True)  # asking twice with one key is asking once

    state = models.CharField(max_length=12, choices=RECEIPT.items(), default=State.READY)
    code = models.CharField(max_length=40, blank=True)  # why it stands there
    words = models.CharField(max_length=300, blank=True)
    advice = models.CharField(max_length=300, blank=True)

    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)  # when it was meant to be sent
    spread = models.PositiveIntegerField(default=0)  # seconds later, so that not all go at once
    not_before = models.DateTimeField(default=timezone.now)  # of its next step
    turn_at = models.DateTimeField(null=True, editable=False)  # kept for it among all of its app
    sent_at = models.DateTimeField(null=True)  # from here on it may have been changed there
    settled_at = models.DateTimeField(null=True)
    news_at = models.DateTimeField(null=True)  # since when the person should be told

    claim = models.UUIDField(null=True, editable=False)  # which run holds it
    touched_at = models.DateTimeField(null=True, editable=False)  # told to a worker, or alive
    attempts = models.PositiveSmallIntegerField(default=0)
    looks = models.PositiveSmallIntegerField(default=0)

    before = models.ForeignKey(Backup, models.SET_NULL, null=True, related_name="+")
    # What a person set by hand, and agreed that it is replaced.
    agreed = models.ForeignKey(Backup, models.SET_NULL, null=True, related_name="+")
    receipt = models.JSONField(default=dict)  # what the platform said
    fingerprint = models.CharField(max_length=100, blank=True)  # how the picture we sent looks
    live_key = models.CharField(max_length=500, blank=True)  # the platform's own, once it was seen

    class Meta:
        ordering = ["-asked_at", "place"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "slot"],
                condition=models.Q(state__in=sorted(HOLDING)),
                name="one_sending_a_slot",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-asked_at"]),
            models.Index(fields=["connection", "slot", "-asked_at"]),
            models.Index(
                fields=["state", "not_before"],
                condition=~models.Q(state__in=sorted(ENDS)),
                name="publication_open",
            ),
            models.Index(
                fields=["news_at"], condition=~models.Q(news_at=None), name="publication_news"
            ),
        ]

    @property
    def frame(self) -> Frame:
        return frames()[self.place]

    @property
    def name(self) -> str:
        """The profile, for a person to recognise it."""
        return (
            f"{self.frame.name}, {self.connection.account_name}"
            if self.connection
            else self.frame.name
        )

    @property
    def is_settled(self) -> bool:
        return self.state in ENDS

    @property
    def is_watched(self) -> bool:
        """Whether only a look at the platform tells how it goes on."""
        return self.state in WATCHED

    @property
    def says(self) -> str:
        """Where it stands, as the receipt says it."""
        by_word = self.handoff and self.handoff.state == HandOff.State.DONE
        if by_word and self.state == State.PUBLISHED:
            return str(_("done, as you said"))
        return str(RECEIPT[State(self.state)])


class Attempt(models.Model):
    """One step of a publication, as it happened."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="steps")
    source = models.CharField(max_length=12)
    target = models.CharField(max_length=12)
    code = models.CharField(max_length=40, blank=True)
    words = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]


class Bucket(models.Model):
    """How fast one app of this installation may still go at one server."""

    name = models.CharField(max_length=300, primary_key=True)
    full_at = models.FloatField(default=0)  # seconds since 1970: when it has all its tokens again
