"""The brand kit of an account: preferences that all of its headshots share."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

SMILE_VALIDATORS = [MinValueValidator(-1.0), MaxValueValidator(1.0)]


class Kit(models.Model):
    """Colour, backdrop, light and expression for all headshots of one account."""

    class Backdrop(models.TextChoices):
        LOOK = "", _("each look's own place")
        OWN = "own", _("your photo's background, out of focus")
        PAPER = "paper", _("studio paper in your colour")
        SCENE = "scene", _("one room for all")

    class Light(models.TextChoices):
        LOOK = "", _("each look's own light")
        WARM = "warm", _("warm")
        NEUTRAL = "neutral", _("neutral")
        COOL = "cool", _("cool")

    class Industry(models.TextChoices):
        ANY = "", _("not said")
        LAW = "law", _("law, finance, public service")
        CARE = "care", _("health, care, education")
        TECH = "tech", _("software and engineering")
        CREATIVE = "creative", _("design, media, arts")
        TRADE = "trade", _("trade, craft, hospitality")

    class Audience(models.TextChoices):
        ANY = "", _("not said")
        EMPLOYERS = "employers", _("employers and recruiters")
        CLIENTS = "clients", _("clients")
        READERS = "readers", _("readers and listeners")
        FRIENDS = "friends", _("friends and communities")

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="kit")
    name = models.CharField(_("your name"), max_length=80, blank=True)
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Write it like #0B6E4F."))],
    )
    backdrop = models.CharField(_("backdrop"), max_length=8, choices=Backdrop, blank=True)
    scene = models.CharField(_("room"), max_length=40, blank=True)  # '<slug>/<mood>'
    light = models.CharField(_("light"), max_length=8, choices=Light, blank=True)
    smile_low = models.FloatField(_("least smile"), default=-1.0, validators=SMILE_VALIDATORS)
    smile_high = models.FloatField(_("most smile"), default=1.0, validators=SMILE_VALIDATORS)
    industry = models.CharField(_("my industry"), max_length=10, choices=Industry, blank=True)
    audience = models.CharField(_("my audience"), max_length=10, choices=Audience, blank=True)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    def clean(self) -> None:
        """Require a scene if the backdrop is a scene."""
        if self.backdrop == self.Backdrop.SCENE and not self.scene:
            raise ValidationError({"scene": _("Choose the room you want to be in everywhere.")})
