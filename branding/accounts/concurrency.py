"""How many long responses an account may be sent at once by this process."""

import threading
from collections import Counter
from typing import Any

from django.http import StreamingHttpResponse

from headshots.errors import TooManyAtOnce


class AccountSlots:
    """Some places for each account; `message` says what there is too much of."""

    def __init__(self, limit: int, message: str) -> None:
        self.limit = limit
        self.message = message
        self._lock = threading.Lock()
        self._counts: Counter[Any] = Counter()

    def acquire(self, owner_id: Any) -> None:
        """Take a place; raises TooManyAtOnce if none is free."""
        with self._lock:
            if self._counts[owner_id] >= self.limit:
                raise TooManyAtOnce(self.message)
            self._counts[owner_id] += 1

    def release(self, owner_id: Any) -> None:
        """Give a place back."""
        with self._lock:
            self._counts[owner_id] -= 1
            if self._counts[owner_id] <= 0:
                del self._counts[owner_id]


class LimitedStream(StreamingHttpResponse):
    """A streamed response that holds one of its account's places until it is closed."""

    def __init__(self, content: Any, *, slots: AccountSlots, owner_id: Any, **options: Any) -> None:
        """Take a place; raises TooManyAtOnce if none is free."""
        slots.acquire(owner_id)
        self._held: list[Any] = [owner_id]
        self._slots = slots
        super().__init__(content, **options)

    def close(self) -> None:
        """Give the place back, once."""
        super().close()
        while self._held:
            self._slots.release(self._held.pop())
