"""What processes leave for one another: a sign of life each, and sums of what they counted."""

from django.db import models


class Sign(models.Model):
    """One running process, and when it last said so."""

    process = models.CharField(max_length=200, primary_key=True)  # role, machine and pid
    role = models.CharField(max_length=20)
    seen_at = models.DateTimeField()


class Tally(models.Model):
    """One series of one metric, added up over every process that ever counted it."""

    family = models.CharField(max_length=80)
    sample = models.CharField(max_length=80)
    labels = models.CharField(max_length=300)  # JSON, its keys in order
    value = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sample", "labels"], name="one_tally_a_series"),
        ]
