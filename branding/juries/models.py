"""Juries: questions to other people about headshots of one sheet, and their votes."""

import secrets
from uuid import uuid4

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from headshots.models import Render, Variant

TOKEN_BYTES = 24  # of the link: 192 bits cannot be guessed
QUESTION_LENGTH = 120  # characters


def create_token() -> str:
    """Return a new secret for a link or a salt."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Jury(models.Model):
    """A question about some headshots of a sheet, behind a secret link; deleted with the sheet."""

    class Audience(models.TextChoices):
        STRANGERS = "strangers", _("people who do not know me")
        FRIENDS = "friends", _("people who know me")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    render = models.ForeignKey(Render, models.CASCADE, related_name="juries")
    variants = models.ManyToManyField(Variant, through="JuryPicture", related_name="juries")
    question = models.CharField(max_length=QUESTION_LENGTH)
    audience = models.CharField(
        max_length=10,
        choices=Audience,
        default=Audience.STRANGERS,
        db_default=Audience.STRANGERS,
    )
    token = models.CharField(max_length=40, unique=True, default=create_token)  # of the link
    salt = models.CharField(max_length=40, default=create_token)  # of the hashes of voters
    voter_limit = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # when its owner ended it
    decided_at = models.DateTimeField(null=True)  # when a vote put one headshot clearly ahead

    class Meta:
        ordering = ["-created_at"]

    @property
    def is_open(self) -> bool:
        """Whether its link still takes votes."""
        return self.ended_at is None and timezone.now() < self.expires_at


class JuryPicture(models.Model):
    """One headshot of a jury; `position` counts from 0 and is how votes name it."""

    jury = models.ForeignKey(Jury, models.CASCADE, related_name="pictures")
    variant = models.ForeignKey(Variant, models.CASCADE)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["jury", "position"], name="jury_position_once"),
        ]


class JuryVote(models.Model):
    """One choice between two headshots. Of the voter, only a salted hash is known."""

    jury = models.ForeignKey(Jury, models.CASCADE, related_name="votes")
    voter = models.CharField(max_length=64)
    number = models.PositiveSmallIntegerField()  # counts the voter's votes from 0
    winner = models.ForeignKey(JuryPicture, models.CASCADE, related_name="+")
    loser = models.ForeignKey(JuryPicture, models.CASCADE, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["jury", "voter", "number"], name="jury_vote_once"),
        ]
