"""Writes the heartbeat and the counters of a process to the database every few seconds."""

import json
import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import F
from django.utils import timezone

from branding.operations.models import Sign, Tally
from headshots.metrics import REGISTRY

REPORT_INTERVAL_SECONDS: Final = 5.0  # seconds
STALE_AFTER: Final = timedelta(hours=1)  # after which the heartbeat of a killed process is deleted
Series = tuple[str, str, str]  # family, sample and labels

log = logging.getLogger(__name__)


class Reporter:
    """A background thread that reports; it only logs a warning while the database is unavailable.

    `role` is "page", "worker" or "clock". There is no heartbeat while `is_well` says no.
    """

    def __init__(self, role: str, *, is_well: Callable[[], bool] = lambda: True) -> None:
        self.role = role
        self.is_well = is_well
        self.process = f"{role} {socket.gethostname()} {os.getpid()}"
        self.reported: dict[Series, float] = {}
        self.stop_requested = threading.Event()
        self.thread = threading.Thread(target=self.run, name="reporter", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self.thread.start()

    def stop(self) -> None:
        """Report a last time, delete the heartbeat, and end the thread."""
        self.stop_requested.set()
        self.thread.join(REPORT_INTERVAL_SECONDS)

    def run(self) -> None:
        """Report until stopped."""
        self.write_report()
        while not self.stop_requested.wait(REPORT_INTERVAL_SECONDS):
            self.write_report()
        self.write_report()

    def write_report(self) -> None:
        """Write heartbeat and increments in one transaction; after an error, next time."""
        current_counts = collect_counts()
        changed_series = [
            series
            for series in current_counts
            if current_counts[series] != self.reported.get(series)
        ]
        increments = {
            series: current_counts[series] - self.reported.get(series, 0)
            for series in changed_series
        }
        try:
            with transaction.atomic():
                self.update_heartbeat()
                add_to_tallies(increments)
            self.reported = current_counts
            self.touch_heartbeat_file()
        except Error as error:
            log.warning("The %s could not report: %s", self.role, type(error).__name__)
        finally:
            connection.close()

    def update_heartbeat(self) -> None:
        """Update the heartbeat, or delete it when stopping, and delete stale ones."""
        now = timezone.now()
        if self.stop_requested.is_set():
            Sign.objects.filter(process=self.process).delete()
            return
        if self.is_well():
            defaults = {"role": self.role, "seen_at": now}
            Sign.objects.update_or_create(process=self.process, defaults=defaults)
        Sign.objects.filter(seen_at__lt=now - STALE_AFTER).delete()

    def touch_heartbeat_file(self) -> None:
        """Set the time of the file of HEARTBEAT_FILE, if there is one and the process is well."""
        if settings.HEARTBEAT_FILE and self.is_well() and not self.stop_requested.is_set():
            Path(settings.HEARTBEAT_FILE).touch()


def collect_counts() -> dict[Series, float]:
    """Return the value of every metric series of this process."""
    return {
        (family.name, sample.name, json.dumps(sample.labels, sort_keys=True)): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def add_to_tallies(increments: dict[Series, float]) -> None:
    """Add increments to the stored sums, in sorted order, so that processes cannot deadlock."""
    for (family, sample, labels), value in sorted(increments.items()):
        row, _ = Tally.objects.get_or_create(
            sample=sample, labels=labels, defaults={"family": family}
        )
        Tally.objects.filter(pk=row.pk).update(value=F("value") + value)
