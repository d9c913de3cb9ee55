"""How many long responses an account may be sent at once, by all web processes together."""

import hashlib
from typing import Any, Final

from django.core.cache import cache
from django.http import StreamingHttpResponse

from headshots.errors import TooManyAtOnce

LEASE_SECONDS: Final = 900  # after which the place of a process that was killed is free again


class AccountSlots:
    """Some places for each account; `message` says what there is too much of, and names them.

    They are entries of the cache, which the web processes share.
    """

    def __init__(self, limit: int, message: str) -> None:
        self.limit = limit
        self.message = message
        self._name = hashlib.sha256(message.encode()).hexdigest()[:16]

    def acquire(self, owner_id: Any) -> str:
        """Take a place and return its key; raises TooManyAtOnce if none is free."""
        for number in range(self.limit):
            key = f"slot:{self._name}:{owner_id}:{number}"
            if cache.add(key, True, LEASE_SECONDS):
                return key
        raise TooManyAtOnce(self.message)

    def release(self, key: str) -> None:
        """Give a place back."""
        cache.delete(key)


class LimitedStream(StreamingHttpResponse):
    """A streamed response that holds one of its account's places until it is closed."""

    def __init__(self, content: Any, *, slots: AccountSlots, owner_id: Any, **options: Any) -> None:
        """Take a place; raises TooManyAtOnce if none is free."""
        self._held = [slots.acquire(owner_id)]
        self._slots = slots
        super().__init__(content, **options)

    def close(self) -> None:
        """Give the place back, once."""
        super().close()
        while self._held:
            self._slots.release(self._held.pop())
