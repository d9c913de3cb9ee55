"""How many uploads are decoded at once: a decoder needs far more memory than the file has bytes.

The limits hold for each process. Accounts take turns, so that one that sends many photos at once
does not keep others waiting.
"""

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from headshots.errors import TooManyAtOnce, WorkerBusy
from headshots.isolation import give_back_connection

DECODERS: Final = 1  # decodes at once in a process
MAX_UPLOADS: Final = 4  # uploads of an account that are decoded or wait for it in a process
WAIT_SECONDS: Final = 120.0  # that an upload waits for its turn


class TurnQueue:
    """A limited number of places, given to accounts in turn."""

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._free = places
        self._uploads: Counter[Any] = Counter()  # by owner, of those that have a place or wait
        self._waiting: OrderedDict[Any, deque[threading.Event]] = OrderedDict()

    def count_uploads(self, owner_id: Any) -> int:
        """Return how many uploads of an account have a place or wait for one."""
        return self._uploads[owner_id]

    @contextmanager
    def place(self, owner_id: Any) -> Iterator[None]:
        """Hold a place while the block runs; see `upload_slot`."""
        turn = self._join(owner_id)
        try:
            if turn and not turn.wait(WAIT_SECONDS) and self._leave_queue(owner_id, turn):
                raise WorkerBusy(
                    "Many photos arrive at the moment, and this one had to wait too long."
                )
            try:
                yield
            finally:
                self._pass_on()
        finally:
            with self._lock:
                self._uploads[owner_id] -= 1
                self._uploads += Counter()  # forgets who has none

    def _join(self, owner_id: Any) -> threading.Event | None:
        """Take a free place and return None, or queue and return what their turn sets."""
        with self._lock:
            if self._uploads[owner_id] >= MAX_UPLOADS:
                raise TooManyAtOnce("Some of your photos are being read in already.")
            self._uploads[owner_id] += 1
            if self._free:
                self._free -= 1
                return None
            turn = threading.Event()
            self._waiting.setdefault(owner_id, deque()).append(turn)
            return turn

    def _leave_queue(self, owner_id: Any, turn: threading.Event) -> bool:
        """Stop waiting; False if the turn has come in the meantime."""
        with self._lock:
            if turn.is_set():
                return False
            self._waiting[owner_id].remove(turn)
            if not self._waiting[owner_id]:
                del self._waiting[owner_id]
            return True

    def _pass_on(self) -> None:
        """Give the place to the account that has waited longest since its last turn."""
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            owner_id, turns = self._waiting.popitem(last=False)
            turns.popleft().set()
            if turns:
                self._waiting[owner_id] = turns


decoding_places = TurnQueue(DECODERS)


@contextmanager
def upload_slot(owner_id: Any) -> Iterator[None]:
    """Hold one of the places for decoding while the block runs.

    Raises TooManyAtOnce if MAX_UPLOADS of this owner are there already, and WorkerBusy if no place
    became free in time. Outside a transaction, the connection to the database is given back to its
    pool first, so that uploads that wait never take the connections of everybody else.
    """
    give_back_connection()
    with decoding_places.place(owner_id):
        yield
