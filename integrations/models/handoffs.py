"""What only the person can do: a file on its way by hand, and their public names at places."""

import base64
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.core.signing import TimestampSigner
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.places import Frame, frames

LINK_SECONDS: Final = 1800  # how long the address for the phone holds


def signer() -> TimestampSigner:
    """Signs addresses that open one hand-off and are good for nothing else."""
    return TimestampSigner(salt="integrations.handoff")


class PublicName(models.Model):
    """What a person is called at a place where anyone may look at their picture."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="public_names")
    place = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "place"], name="one_public_name_a_place"),
        ]


class HandOff(models.Model):
    """One headshot that the person puts on one place themselves."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for you")
        DONE = "done", _("done")  # the person says so
        SEEN = "seen", _("seen there")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="handoffs")
    place = models.SlugField(max_length=40)
    variant = models.ForeignKey("headshots.Variant", models.CASCADE, related_name="handoffs")
    batch = models.UUIDField(null=True, db_index=True)  # what was asked for together
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)  # when the person said so
    ended_at = models.DateTimeField(null=True)

    public_name = models.CharField(max_length=100, blank=True)  # whose picture is looked at
    look_at = models.DateTimeField(null=True)  # the next time; None: nobody looks
    looks = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)  # what the last look came to

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "place"],
                condition=models.Q(state="waiting"),
                name="one_handoff_a_place",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-asked_at"]),
            models.Index(
                fields=["look_at"], condition=~models.Q(look_at=None), name="handoff_looked_for"
            ),
        ]

    @property
    def frame(self) -> Frame:
        return frames()[self.place]

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def link(self) -> str:
        """The signed part of its address for the phone."""
        return signer().sign(base64.urlsafe_b64encode(self.pk.bytes).decode().rstrip("="))


def linked(token: str) -> UUID:
    """The hand-off that a signed address opens; BadSignature if it is none or too old."""
    told = signer().unsign(token, max_age=LINK_SECONDS)
    return UUID(bytes=base64.urlsafe_b64decode(f"{told}=="))
