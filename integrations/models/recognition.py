"""The headshots whose copies may be recognized by anyone."""

from django.db import models
from django.utils import timezone


class RecognizableHeadshot(models.Model):
    """A headshot of which its owner allows that copies are recognized; deleted with it."""

    variant = models.OneToOneField(
        "headshots.Variant", models.CASCADE, primary_key=True, related_name="recognition"
    )
    fingerprint = models.CharField(max_length=100)  # perceptual hash, in hex
    allowed_at = models.DateTimeField(default=timezone.now)
