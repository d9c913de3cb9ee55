"""Rows shared by all processes: heartbeats, and sums of counters."""

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils import timezone

PROCESS_TIMEOUT: Final = timedelta(seconds=30)  # after which a process counts as ended


class SignQuerySet(models.QuerySet["Sign"]):
    """Heartbeats."""

    def recent(self) -> "SignQuerySet":
        """Those of the last seconds; one in the future is of a clock that was wrong."""
        now = timezone.now()
        return self.filter(seen_at__gt=now - PROCESS_TIMEOUT, seen_at__lt=now + PROCESS_TIMEOUT)


class Sign(models.Model):
    """The heartbeat of one running process."""

    objects = SignQuerySet.as_manager()

    process = models.CharField(max_length=200, primary_key=True)  # role, machine and pid
    role = models.CharField(max_length=20)
    seen_at = models.DateTimeField()


class Tally(models.Model):
    """The value of one metric series, summed over all processes."""

    family = models.CharField(max_length=80)
    sample = models.CharField(max_length=80)
    labels = models.CharField(max_length=300)  # JSON, its keys in order
    value = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sample", "labels"], name="one_tally_a_series"),
        ]
