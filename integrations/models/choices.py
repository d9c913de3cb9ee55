"""Which headshot is meant to hang where, and the address that serves the latest."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from integrations.frames import Frame, frames
from integrations.models.connections import Connection


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
    """A public address of the picture chosen for it; only there while its owner wants it."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="avatar_address"
    )
    token = models.CharField(max_length=40, unique=True, default=new_token)
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
