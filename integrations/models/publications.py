"""Publications with their log of steps, the pictures they replaced, and rate limits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from integrations.models.connections import Connection
from integrations.models.handoffs import HandOff
from integrations.models.sealed import Sealed
from integrations.places import Place, all_places
from integrations.publication_states import EXCLUSIVE_STATES, FINAL_STATES, POLLED_STATES, State

# What a person reads about a publication.
STATE_LABELS: Final[Mapping[State, Any]] = {
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
    """A picture that an account showed, byte for byte, or the fact that it showed none."""

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="backups")
    slot = models.CharField(max_length=20, default="avatar")
    digest = models.CharField(
        max_length=64, blank=True
    )  # SHA-256 of its bytes; empty without a picture
    key = models.CharField(max_length=500, blank=True)  # the platform's identifier of the picture
    media_type = models.CharField(max_length=40, blank=True)
    alt_text = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=100, blank=True)  # perceptual hash, in hex
    portrait = models.BinaryField(default=bytes, blank=True)  # a small JPEG
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "slot", "digest"], name="picture_backed_up_once"
            ),
        ]

    @property
    def is_none(self) -> bool:
        """Whether the account showed no picture."""
        return not self.digest


class Publication(models.Model):
    """The publication of a picture at a place or an account; a retry is another publication."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="publications")
    # None for a place that this server serves or that only the person can change.
    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, related_name="publications"
    )
    place = models.SlugField(max_length=40)
    slot = models.CharField(max_length=20, default="avatar")
    variant = models.ForeignKey(
        "headshots.Variant", models.SET_NULL, null=True, related_name="publications"
    )
    # An undo publishes the earlier picture instead of a variant.
    restores = models.ForeignKey(Backup, models.SET_NULL, null=True, related_name="+")
    undoes = models.ForeignKey("self", models.SET_NULL, null=True, related_name="undone_by")
    handoff = models.ForeignKey(  # if the person sets it themselves
        HandOff, models.SET_NULL, null=True, related_name="publications"
    )
    batch = models.UUIDField(default=uuid4, db_index=True)  # requested together
    origin = models.UUIDField(null=True, db_index=True)  # the schedule; None: the person
    key = models.CharField(max_length=100, unique=True)  # makes requests idempotent

    state = models.CharField(max_length=12, choices=STATE_LABELS.items(), default=State.READY)
    code = models.CharField(max_length=40, blank=True)  # why it is in this state
    message = models.CharField(db_column="words", max_length=300, blank=True)
    advice = models.CharField(max_length=300, blank=True)

    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)  # when it was requested for
    spread = models.PositiveIntegerField(default=0)  # seconds added by rate limits
    not_before = models.DateTimeField(default=timezone.now)  # its next step
    # The time that the interval between scheduled changes gave it; None: the interval ignores it.
    scheduled_for = models.DateTimeField(null=True, editable=False)
    turn_at = models.DateTimeField(null=True, editable=False)  # its turn by the rate limit
    sent_at = models.DateTimeField(null=True)  # since when the place may have changed
    settled_at = models.DateTimeField(null=True)
    news_at = models.DateTimeField(null=True)  # from when on the person is notified; None: no news

    claim = models.UUIDField(null=True, editable=False)  # the worker's run that holds it
    # When it was last enqueued, or when the worker last reported on it.
    touched_at = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    poll_count = models.PositiveSmallIntegerField(db_column="looks", default=0)

    before = models.ForeignKey(Backup, models.SET_NULL, null=True, related_name="+")
    # Why the picture that was there could not be kept; empty if it was.
    backup_error = models.CharField(max_length=300, blank=True, default="", db_default="")
    # A picture set by hand that the person agreed to replace.
    agreed = models.ForeignKey(Backup, models.SET_NULL, null=True, related_name="+")
    receipt = models.JSONField(default=dict)  # the platform's answer
    fingerprint = models.CharField(max_length=100, blank=True)  # of the picture that was sent
    # Whether the file that was sent carries content credentials; None for earlier pictures.
    is_signed = models.BooleanField(null=True, editable=False)
    live_key = models.CharField(max_length=500, blank=True)  # the platform's identifier of it

    class Meta:
        ordering = ["-asked_at", "place"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "slot"],
                condition=models.Q(state__in=sorted(EXCLUSIVE_STATES)),
                name="one_sending_a_slot",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-asked_at"]),
            models.Index(fields=["connection", "slot", "-asked_at"]),
            models.Index(
                fields=["state", "not_before"],
                condition=~models.Q(state__in=sorted(FINAL_STATES)),
                name="publication_open",
            ),
            models.Index(
                fields=["news_at"], condition=~models.Q(news_at=None), name="publication_news"
            ),
        ]

    @property
    def place_details(self) -> Place:
        return all_places()[self.place]

    @property
    def name(self) -> str:
        """The place and the account, as a person knows them."""
        return (
            f"{self.place_details.name}, {self.connection.account_name}"
            if self.connection
            else gettext(self.place_details.name)
        )

    @property
    def waits_until(self) -> datetime | None:
        """When it is sent, if a limit or its time keeps it waiting; None if it is not waiting."""
        is_waiting = self.state in (State.SCHEDULED, State.READY)
        return self.not_before if is_waiting and self.not_before > timezone.now() else None

    @property
    def is_settled(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def is_watched(self) -> bool:
        """Whether polling the platform decides how it goes on."""
        return self.state in POLLED_STATES

    @property
    def changed_at(self) -> datetime:
        """When it was sent or failed, or else requested."""
        return self.sent_at or self.settled_at or self.asked_at

    @property
    def lacks_credentials(self) -> bool:
        """Whether a headshot was sent in a file without content credentials."""
        return self.is_signed is False and self.sent_at is not None

    @property
    def says(self) -> str:
        """The state in words."""
        is_confirmed_by_person = self.handoff and self.handoff.state == HandOff.State.DONE
        if is_confirmed_by_person and self.state == State.PUBLISHED:
            return str(_("marked done by you"))
        return str(STATE_LABELS[State(self.state)])


class Attempt(models.Model):
    """A change of a publication's state, as it happened."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="steps")
    source = models.CharField(max_length=12)
    target = models.CharField(max_length=12)
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(db_column="words", max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]


class Bucket(models.Model):
    """The rate limit of a client app at a server (generic cell rate algorithm)."""

    name = models.CharField(max_length=300, primary_key=True)
    full_at = models.FloatField(default=0)  # Unix time at which the whole burst is free
