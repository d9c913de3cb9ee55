"""How many uploads are decoded at once: a decoder needs far more memory than the file has bytes.

The limits hold for each process. Only one upload of an account stands in the common queue; its
others wait behind it, so that one that sends many photos at once does not keep others waiting.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from headshots.errors import TooManyAtOnce, WorkerBusy

DECODERS: Final = 1  # decodes at once in a process
MAX_UPLOADS: Final = 4  # uploads of an account that are decoded or wait for it in a process
WAIT_SECONDS: Final = 120.0  # that an upload waits for its turn


@dataclass
class AccountUploads:
    """The uploads of one account in this process."""

    turn: threading.Semaphore = field(default_factory=threading.Semaphore)
    count: int = 0


_decoders = threading.BoundedSemaphore(DECODERS)
_lock = threading.Lock()
_uploads_by_owner: dict[Any, AccountUploads] = {}


@contextmanager
def upload_slot(owner_id: Any) -> Iterator[None]:
    """Hold one of the places for decoding while the block runs.

    Raises TooManyAtOnce if MAX_UPLOADS of this owner are there already, and WorkerBusy if no place
    became free in time.
    """
    with (
        _account_uploads(owner_id) as uploads,
        _acquired_in_time(uploads.turn),
        _acquired_in_time(_decoders),
    ):
        yield


@contextmanager
def _account_uploads(owner_id: Any) -> Iterator[AccountUploads]:
    """Count one more upload of an account while the block runs; TooManyAtOnce if there are many."""
    with _lock:
        uploads = _uploads_by_owner.setdefault(owner_id, AccountUploads())
        if uploads.count >= MAX_UPLOADS:
            raise TooManyAtOnce("Some of your photos are being read in already.")
        uploads.count += 1
    try:
        yield uploads
    finally:
        with _lock:
            uploads.count -= 1
            if not uploads.count:
                del _uploads_by_owner[owner_id]


@contextmanager
def _acquired_in_time(semaphore: threading.Semaphore) -> Iterator[None]:
    if not semaphore.acquire(timeout=WAIT_SECONDS):
        raise WorkerBusy("Many photos arrive at the moment, and this one had to wait too long.")
    try:
        yield
    finally:
        semaphore.release()
