"""Rows shared by all processes: heartbeats, and sums of counters."""

from django.db import models


class Sign(models.Model):
    """The heartbeat of one running process."""

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
