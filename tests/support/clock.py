"""A clock that stands still until it is told otherwise."""

from datetime import datetime, timedelta

from integrations import recurrence


class Clock:
    """What `timezone.now` tells while it is in its place."""

    def __init__(self, text, zone="Europe/Berlin"):
        self.zone = zone
        self.set(text)

    def __call__(self):
        return self.now

    def set(self, text):
        """To a reading of the local clock."""
        self.now = recurrence.instant_of(datetime.fromisoformat(text), self.zone)

    def forward(self, **told):
        """On, or back by a negative number."""
        self.now += timedelta(**told)

    @property
    def shows(self):
        return self.now.astimezone(recurrence.zone(self.zone)).isoformat(timespec="minutes")[:16]
