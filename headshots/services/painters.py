"""Whether a worker that paints is there: it says so every few seconds, to whoever asks."""

from typing import Final

from django.core.cache import cache

KEY: Final = "painter"
BEAT: Final = 5.0  # seconds between two signs of life
SILENCE: Final = 30  # seconds after which a worker counts as gone


def show() -> None:
    """A worker that paints is alive."""
    cache.set(KEY, True, SILENCE)


def is_there() -> bool:
    """Whether one was alive a moment ago."""
    return bool(cache.get(KEY))
