"""Measures how long transactions last: on SQLite each of them holds the lock of all writers."""

import time
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction

SCHEDULER = Path("/proc/thread-self/schedstat")  # nanoseconds on a processor, waiting for one, …


@contextmanager
def measured_transactions(monkeypatch):
    """Yield a list of the seconds that each transaction in the block took.

    The time during which this thread waited for a processor is left out, so that other processes
    on the machine do not change the result.
    """
    seconds = []
    enter, leave = transaction.Atomic.__enter__, transaction.Atomic.__exit__
    started = []

    def measure_enter(atomic):
        is_outermost = not transaction.get_connection(atomic.using).in_atomic_block
        enter(atomic)
        started.append(_busy_seconds() if is_outermost else None)

    def measure_exit(atomic, *error):
        leave(atomic, *error)
        if (start := started.pop()) is not None:
            seconds.append(_busy_seconds() - start)

    with monkeypatch.context() as patch:
        patch.setattr(transaction.Atomic, "__enter__", measure_enter)
        patch.setattr(transaction.Atomic, "__exit__", measure_exit)
        yield seconds


def _busy_seconds():
    waited = int(SCHEDULER.read_text().split()[1]) / 1e9 if SCHEDULER.exists() else 0
    return time.perf_counter() - waited
