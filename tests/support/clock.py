"""A clock that stands still until a test moves it."""

from datetime import datetime, timedelta

from integrations import recurrence


class Clock:
    """A replacement of `timezone.now`."""

    def __init__(self, text, zone="Europe/Berlin"):
        self.zone = zone
        self.set(text)

    def __call__(self):
        return self.now

    def set(self, text):
        """Set the local time."""
        self.now = recurrence.resolve_local_time(datetime.fromisoformat(text), self.zone)

    def forward(self, **duration):
        """Move forward by a timedelta's arguments, or back by negative ones."""
        self.now += timedelta(**duration)

    @property
    def shows(self):
        return self.now.astimezone(recurrence.load_zone(self.zone)).isoformat(timespec="minutes")[
            :16
        ]
