"""What a process says of itself every few seconds: that it lives, and what it has counted."""

import json
import logging
import os
import socket
import threading
from datetime import timedelta
from typing import Final

from django.db import Error, connection, transaction
from django.db.models import F
from django.utils import timezone

from branding.operations.models import Sign, Tally
from headshots.metrics import REGISTRY

EVERY: Final = 5.0  # seconds
FORGOTTEN: Final = timedelta(hours=1)  # after which a process that was killed leaves no trace
Series = tuple[str, str, str]  # family, sample and labels

log = logging.getLogger(__name__)


class Reporter:
    """A thread beside the work; losing the database costs it nothing but a warning."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.process = f"{role} {socket.gethostname()} {os.getpid()}"
        self.told: dict[Series, float] = {}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, name="reporter", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self.thread.start()

    def stop(self) -> None:
        """Report a last time and take the sign of life away."""
        self.over.set()
        self.thread.join(EVERY)

    def run(self) -> None:
        """Report until stopped."""
        self.report()
        while not self.over.wait(EVERY):
            self.report()
        self.report()

    def report(self) -> None:
        """Write everything in one transaction; what cannot be written now is written next time."""
        counted = counts()
        new = [series for series in counted if counted[series] != self.told.get(series)]
        more = {series: counted[series] - self.told.get(series, 0) for series in new}
        try:
            with transaction.atomic():
                self.sign()
                add(more)
            self.told = counted
        except Error as error:
            log.warning("The %s could not report: %s", self.role, type(error).__name__)
        finally:
            connection.close()

    def sign(self) -> None:
        """Say that this process lives, or that it does no more."""
        now = timezone.now()
        if self.over.is_set():
            Sign.objects.filter(process=self.process).delete()
            return
        alive = {"role": self.role, "seen_at": now}
        Sign.objects.update_or_create(process=self.process, defaults=alive)
        Sign.objects.filter(seen_at__lt=now - FORGOTTEN).delete()


def counts() -> dict[Series, float]:
    """What this process has counted since it started."""
    return {
        (family.name, sample.name, json.dumps(sample.labels, sort_keys=True)): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def add(more: dict[Series, float]) -> None:
    """Add to the sums; always in the same order, so that two processes cannot block each other."""
    for (family, sample, labels), value in sorted(more.items()):
        row, _ = Tally.objects.get_or_create(
            sample=sample, labels=labels, defaults={"family": family}
        )
        Tally.objects.filter(pk=row.pk).update(value=F("value") + value)
