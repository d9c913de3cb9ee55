"""Which headshot a person chose for which place, and the public addresses that serve it."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from integrations.models.connections import Connection
from integrations.places import Place, all_places


def new_token() -> str:
    """Return a random token for a secret address: 128 bits, URL-safe."""
    return secrets.token_urlsafe(16)


class Choice(models.Model):
    """The choice of a headshot for a place or an account; earlier choices are kept as history."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="choices")
    place = models.SlugField(max_length=40)
    # None means every account at the place that has no choice of its own.
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
    def place_details(self) -> Place:
        return all_places()[self.place]


class AvatarAddress(models.Model):
    """The public addresses of a person's pictures; each has to be opened by its owner.

    There is a secret address (`token`) for the place "avatar", one address per place under a public
    name (`name`, `places`), and the lookup by the hash of an e-mail address (`by_email`).
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
    """The hash of an e-mail address, by which Libravatar clients find a picture."""

    address = models.ForeignKey(AvatarAddress, models.CASCADE, related_name="hashes")
    digest = models.CharField(max_length=64, unique=True)  # MD5 or SHA-256, in hex
