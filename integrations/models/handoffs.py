"""Hand-offs, which people complete by hand at a place, and their public names there."""

import base64
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.core.signing import TimestampSigner
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.places import Place, all_places

LINK_SECONDS: Final = 1800  # how long the link for the phone is valid


def handoff_signer() -> TimestampSigner:
    """Return the signer of links that open a hand-off without signing in."""
    return TimestampSigner(salt="integrations.handoff")


class PublicName(models.Model):
    """A person's public name at a place where anyone may read their picture."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="public_names")
    place = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "place"], name="one_public_name_a_place"),
        ]


class HandOff(models.Model):
    """A headshot that the person sets at a place themselves."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for you")
        DONE = "done", _("done")  # the person says so
        SEEN = "seen", _("seen there")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="handoffs")
    place = models.SlugField(max_length=40)
    variant = models.ForeignKey("headshots.Variant", models.CASCADE, related_name="handoffs")
    batch = models.UUIDField(null=True, db_index=True)  # requested together
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)  # when the person said so
    ended_at = models.DateTimeField(null=True)

    public_name = models.CharField(max_length=100, blank=True)  # whose public picture is polled
    # When it is polled next; None if it is not.
    next_poll_at = models.DateTimeField(db_column="look_at", null=True)
    poll_count = models.PositiveSmallIntegerField(db_column="looks", default=0)
    note = models.CharField(max_length=300, blank=True)  # why the last poll failed

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
                fields=["next_poll_at"],
                condition=~models.Q(next_poll_at=None),
                name="handoff_looked_for",
            ),
        ]

    @property
    def place_details(self) -> Place:
        return all_places()[self.place]

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def link(self) -> str:
        """The signed token in its link for the phone."""
        return handoff_signer().sign(base64.urlsafe_b64encode(self.pk.bytes).decode().rstrip("="))


def unsign_handoff_link(token: str) -> UUID:
    """Return the id of the hand-off that a link opens; BadSignature if it is forged or expired."""
    unsigned = handoff_signer().unsign(token, max_age=LINK_SECONDS)
    return UUID(bytes=base64.urlsafe_b64decode(f"{unsigned}=="))
