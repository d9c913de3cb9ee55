"""Webhooks of a person, and the log of what was delivered to them."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.models import Sealed


class EventType(models.TextChoices):
    """The events that a webhook can subscribe to."""

    RENDER = "render.finished", _("a sheet is finished")
    VERIFIED = "publication.verified", _("a picture was seen at a profile")
    FAILED = "publication.failed", _("a platform refused a picture")
    NEEDS_YOU = "publication.needs_you", _("a profile needs you")
    DRIFTED = "publication.drifted", _("somebody changed a profile by hand")
    ASKS = "schedule.asks", _("a schedule asks before it sends")
    DECIDED = "jury.decided", _("people you asked have decided")
    ENDED = "jury.ended", _("a question to other people ended")
    ENDING = "connection.ending", _("a connection ends soon")
    TEST = "webhook.test", _("a test")


class Webhook(Sealed):
    """An address that receives events; its signing secret is stored encrypted."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks")
    url = models.CharField(_("address"), max_length=500)
    events = models.JSONField(default=list)  # of Event
    made_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True)  # the address answered 410 Gone

    class Meta:
        ordering = ["made_at"]


class Delivery(models.Model):
    """One event for one webhook, and how its delivery went."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=100)  # of the event, which is delivered once to a webhook
    event = models.CharField(max_length=40, choices=EventType)
    payload = models.TextField()  # JSON, exactly as it is signed and sent
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)  # HTTP status of the last response
    message = models.CharField(db_column="words", max_length=300, blank=True)
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
