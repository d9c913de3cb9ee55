"""Where a person's programs want to hear of things, and everything that was told them."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models import Sealed


class Event(models.TextChoices):
    """What can be heard of."""

    RENDER = "render.finished", _("a sheet is finished")
    VERIFIED = "publication.verified", _("a picture was seen at a profile")
    FAILED = "publication.failed", _("a platform refused a picture")
    NEEDS_YOU = "publication.needs_you", _("a profile needs you")
    DRIFTED = "publication.drifted", _("somebody changed a profile by hand")
    ASKS = "schedule.asks", _("a schedule asks before it sends")
    ENDING = "connection.ending", _("a connection ends soon")
    TEST = "webhook.test", _("a test")


class Webhook(Sealed):
    """One address that is told; its signing secret is sealed in the row."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks")
    url = models.CharField(_("address"), max_length=500)
    events = models.JSONField(default=list)  # of Event
    made_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True)  # the address said that it is gone

    class Meta:
        ordering = ["made_at"]


class Delivery(models.Model):
    """One event for one address, and how telling it went."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=100)  # of what happened: told once
    event = models.CharField(max_length=40, choices=Event)
    payload = models.TextField()  # exactly what is signed and sent
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)  # of the last answer
    words = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-happened_at"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "key"], name="told_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=models.Q(state="waiting"), name="delivery_waiting"
            ),
        ]
