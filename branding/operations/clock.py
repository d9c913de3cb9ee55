"""The scheduler of Celery beat: without a state file, and aware of jumps of the machine's clock."""

import logging
import time
from datetime import timedelta
from typing import Any, Final

from celery.beat import ScheduleEntry, Scheduler

MAX_DRIFT_SECONDS: Final = 2.0  # more than that between wall and monotonic clock is a jump
MAX_SILENCE_SECONDS: Final = 15.0  # without a sent message after which beat is not well
LONG_AGO: Final = timedelta(days=1)  # longer than every interval

log = logging.getLogger(__name__)
_last_sent_at = time.monotonic()


def sends_messages() -> bool:
    """Whether beat sent a message lately; one is due every second."""
    return time.monotonic() - _last_sent_at < MAX_SILENCE_SECONDS


class ClockScheduler(Scheduler):
    """Sends the messages of CELERY_BEAT_SCHEDULE.

    Celery's own scheduler keeps in a file when each task ran last, and sends nothing until that
    time has passed, even if the file says a day in the future. Here every task is due at the start,
    which does no harm, because each one looks for work and does what is due.
    """

    def setup_schedule(self) -> None:
        """Read the schedule; every task is due at once."""
        super().setup_schedule()
        self._clock_offset = time.time() - time.monotonic()
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - LONG_AGO

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; after a jump of the clock, everything."""
        clock_offset = time.time() - time.monotonic()
        jump = clock_offset - self._clock_offset
        self._clock_offset = clock_offset
        if abs(jump) > MAX_DRIFT_SECONDS:
            log.warning("The clock of this machine jumped by %.0f seconds.", jump)
            for entry in self.schedule.values():
                entry.last_run_at = entry.default_now() - LONG_AGO
            self._heap = None  # sorted by the time before the jump
        return super().tick(*args, **kwargs)

    def apply_async(self, entry: ScheduleEntry, *args: Any, **kwargs: Any) -> Any:
        """Send a message, and remember when."""
        global _last_sent_at  # noqa: PLW0603  read by the reporter's thread
        result = super().apply_async(entry, *args, **kwargs)
        _last_sent_at = time.monotonic()
        return result
