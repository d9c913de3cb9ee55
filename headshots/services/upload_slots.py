"""How many uploads are decoded at once: a decoder needs far more memory than the file has bytes.

The limits hold for each process. An account waits in a short queue of its own, so that one that
sends many photos at once is refused before it keeps others waiting.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from headshots.errors import TooManyAtOnce, WorkerBusy

DECODERS: Final = 1  # decodes at once in a process
MAX_UPLOADS: Final = 2  # uploads of an account that are decoded or wait for it in a process
WAIT_SECONDS: Final = 60.0  # that an upload waits for its turn

_decoders = threading.BoundedSemaphore(DECODERS)
_lock = threading.Lock()
_uploads_by_owner: Counter[Any] = Counter()


@contextmanager
def upload_slot(owner_id: Any) -> Iterator[None]:
    """Hold one of the places for decoding while the block runs.

    Raises TooManyAtOnce if MAX_UPLOADS of this owner are there already, and WorkerBusy if no place
    became free in time.
    """
    with _account_slot(owner_id):
        if not _decoders.acquire(timeout=WAIT_SECONDS):
            raise WorkerBusy("Many photos arrive at the moment, and this one had to wait too long.")
        try:
            yield
        finally:
            _decoders.release()


@contextmanager
def _account_slot(owner_id: Any) -> Iterator[None]:
    with _lock:
        if _uploads_by_owner[owner_id] >= MAX_UPLOADS:
            raise TooManyAtOnce("Some of your photos are being read in already.")
        _uploads_by_owner[owner_id] += 1
    try:
        yield
    finally:
        with _lock:
            _uploads_by_owner[owner_id] -= 1
            if not _uploads_by_owner[owner_id]:
                del _uploads_by_owner[owner_id]
