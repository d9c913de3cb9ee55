"""For whom a person wants to be seen, and what can be undone after suggestions were used."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AdviceSettings(models.Model):
    """Role, audiences and country of one account, and what its owner says of the photos.

    `role`, `audiences` and `country` are names of the data files. One that the files do not have
    any more counts as not said.
    """

    class Dress(models.TextChoices):
        UNKNOWN = "", _("not said")
        SUIT = "suit", _("A suit, or other formal clothes")
        SMART = "smart", _("Smart clothes")
        CASUAL = "casual", _("Everyday clothes")
        UNIFORM = "uniform", _("The clothes of my job")

    class TakenBy(models.TextChoices):
        UNKNOWN = "", _("not said")
        SELFIE = "selfie", _("Me, from arm's length")
        OTHER = "other", _("Someone else, or a timer, from two steps away")

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="advice_settings"
    )
    role = models.CharField(max_length=40)
    audiences = models.JSONField(default=list)
    country = models.CharField(max_length=2, blank=True)  # ISO 3166
    dress = models.CharField(max_length=10, choices=Dress, blank=True)
    taken_by = models.CharField(max_length=10, choices=TakenBy, blank=True)
    # How much each goal counts, 0 to 5, by place; others have the proposal.
    own_weights = models.JSONField(null=True)
    # The choices that suggestions replaced (see services); None if nothing can be undone.
    replaced_choices = models.JSONField(null=True, editable=False)


class ScheduleProposal(models.Model):
    """A change of headshot that an event in a person's calendar suggests; nothing happens by it.

    It is all that is kept of the calendar: no title, no place, no people.
    """

    class Kind(models.TextChoices):
        TALK = "talk", _("a talk or a conference")
        INTERVIEW = "interview", _("an interview")
        LAUNCH = "launch", _("a launch")
        HOLIDAY = "holiday", _("a holiday")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="schedule_proposals"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        ordering = ["first_day", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "first_day"], name="schedule_proposal_once"
            ),
        ]
