"""Which headshot is meant to hang where, and the address that serves the latest."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from integrations.models.connections import Connection
from integrations.places import Frame, frames


def new_token() -> str:
    """An address nobody can guess: 128 bits."""
    return secrets.token_urlsafe(16)


class Choice(models.Model):
    """One decision for one place or account; the latest counts, the others are its history."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="choices")
    place = models.SlugField(max_length=40)
    # None: for every account at the place that has no choice of its own.
    connection = models.ForeignKey(Connection, models.CASCADE, null=True, related_name="choices")
    variant = models.ForeignKey("headshots.Variant", models.CASCADE, related_name="choices")
    chosen_at = models.DateTimeField(default=timezone.now)
    current = models.BooleanField(default=True)

    class Meta:
        ordering = ["-chosen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "place"],
                condition=models.Q(current=True, connection=None),
                name="one_choice_a_place",
            ),
            models.UniqueConstraint(
                fields=["connection"],
                condition=models.Q(current=True),
                name="one_choice_an_account",
            ),
        ]
        indexes = [models.Index(fields=["owner", "-chosen_at"])]

    @property
    def frame(self) -> Frame:
        return frames()[self.place]


class AvatarAddress(models.Model):
    """The public addresses of one person's pictures; each answers only what they opened.

    One that nobody can guess, for the place `avatar`; one a place under a name that they chose;
    and the one that programs ask for by the hash of an e-mail address.
    """

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="avatar_address"
    )
    token = models.CharField(max_length=40, unique=True, default=new_token)
    is_open = models.BooleanField(default=True)
    name = models.CharField(max_length=30, null=True, unique=True)  # in lower case
    places = models.JSONField(default=list)  # shown under the name
    by_email = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)


class EmailHash(models.Model):
    """What a program asks for that knows an e-mail address; the address itself is not kept here."""

    address = models.ForeignKey(AvatarAddress, models.CASCADE, related_name="hashes")
    digest = models.CharField(max_length=64, unique=True)  # MD5 or SHA-256, in hex
