"""A callback that a browser loads twice at the same time: the second waits for the first.

A code and its state can be used once. Whoever comes second has done nothing wrong, and should end
at the same account instead of an error.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.core.cache import cache

from headshots.isolation import give_back_connection
from integrations.models import Connection, Handshake

WAIT_SECONDS: Final = 30.0  # longer than a sign-in takes with all its requests
POLL_SECONDS: Final = 0.1
NOTE_SECONDS: Final = 600  # how long the result of a sign-in is known
UNDER_WAY: Final = "under way"


@contextmanager
def noted_sign_in(handshake: Handshake) -> Iterator[list[Connection]]:
    """Note that a sign-in is being finished; the block adds the connection to the list.

    The note of somebody who came earlier stays as it is.
    """
    key = _cache_key(handshake.owner_id, handshake.binding, handshake.state)
    is_first = cache.add(key, UNDER_WAY, NOTE_SECONDS)
    connections: list[Connection] = []
    try:
        yield connections
    finally:
        if is_first:
            cache.set(key, str(connections[0].pk) if connections else "", NOTE_SECONDS)


def await_first_callback(owner_id: int, binding: str, state: str) -> Connection | None:
    """Return the connection that the first callback makes; None if it makes none.

    `binding` and `state` are hashed, as in a Handshake.
    """
    key = _cache_key(owner_id, binding, state)
    deadline = time.monotonic() + WAIT_SECONDS
    give_back_connection()
    while (result := cache.get(key)) == UNDER_WAY and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    if not result or result == UNDER_WAY:
        return None
    return Connection.objects.filter(owner=owner_id, pk=result).first()


def _cache_key(owner_id: int, binding: str, state: str) -> str:
    return f"sign-in:{owner_id}:{binding}:{state}"
