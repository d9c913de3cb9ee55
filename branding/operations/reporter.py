"""Writes the heartbeat and the counters of a process to the database every few seconds."""

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
FORGOTTEN: Final = timedelta(hours=1)  # after which the heartbeat of a killed process is deleted
Series = tuple[str, str, str]  # family, sample and labels

log = logging.getLogger(__name__)


class Reporter:
    """A background thread that reports; it only logs a warning while the database is unavailable.

    `role` is "page", "worker" or "clock".
    """

    def __init__(self, role: str) -> None:
        self.role = role
        self.process = f"{role} {socket.gethostname()} {os.getpid()}"
        self.told: dict[Series, float] = {}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, name="reporter", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self.thread.start()

    def stop(self) -> None:
        """Report a last time, delete the heartbeat, and end the thread."""
        self.over.set()
        self.thread.join(EVERY)

    def run(self) -> None:
        """Report until stopped."""
        self.report()
        while not self.over.wait(EVERY):
            self.report()
        self.report()

    def report(self) -> None:
        """Write heartbeat and increments in one transaction; after an error, next time."""
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
        """Update the heartbeat, or delete it when stopping, and delete stale ones."""
        now = timezone.now()
        if self.over.is_set():
            Sign.objects.filter(process=self.process).delete()
            return
        alive = {"role": self.role, "seen_at": now}
        Sign.objects.update_or_create(process=self.process, defaults=alive)
        Sign.objects.filter(seen_at__lt=now - FORGOTTEN).delete()


def counts() -> dict[Series, float]:
    """Return the value of every metric series of this process."""
    return {
        (family.name, sample.name, json.dumps(sample.labels, sort_keys=True)): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def add(more: dict[Series, float]) -> None:
    """Add increments to the stored sums, in sorted order, so that processes cannot deadlock."""
    for (family, sample, labels), value in sorted(more.items()):
        row, _ = Tally.objects.get_or_create(
            sample=sample, labels=labels, defaults={"family": family}
        )
        Tally.objects.filter(pk=row.pk).update(value=F("value") + value)
