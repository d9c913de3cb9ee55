"""How many rows of each kind a worker process works on at once.

The threads of a worker serve every task. Renders and checks of photos may take only some of them,
so that a preview, or the sample on the front page, never waits behind a row of long renders. A
message that finds its lane full ends at once: whoever works in the lane goes on with the next row
until none waits, and looks once more after leaving its place, so that no row is overlooked.
"""

import threading
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from celery.worker import state as worker_state

RENDERS: Final = 2  # at once in a process
CHECKS: Final = 1
PREVIEWS: Final = 2


class WorkLane:
    """Some places for work of one kind."""

    def __init__(self, places: int) -> None:
        self.places = threading.BoundedSemaphore(places)

    def work_off(
        self, choose_next: Callable[[], UUID | None], work: Callable[[UUID], None]
    ) -> None:
        """Work on one row after another until none waits, unless the lane is full."""
        while not is_stopping() and choose_next() and self.places.acquire(blocking=False):
            try:
                if row_id := choose_next():
                    work(row_id)
            finally:
                self.places.release()


def is_stopping() -> bool:
    """Whether the worker was told to stop; what is left is enqueued again after a lease."""
    flags: tuple[Any, ...] = (worker_state.should_stop, worker_state.should_terminate)
    return any(flag is not None and flag is not False for flag in flags)  # 0 is an exit code
