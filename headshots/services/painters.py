"""Presence of diffusion workers: each reports itself in the cache every few seconds."""

from typing import Final

from django.core.cache import cache

KEY: Final = "painter"
BEAT: Final = 5.0  # seconds between two reports
SILENCE: Final = 30  # seconds after which a worker counts as gone


def show() -> None:
    """Report that this diffusion worker is running."""
    cache.set(KEY, True, SILENCE)


def is_there() -> bool:
    """Whether a diffusion worker has reported itself lately."""
    return bool(cache.get(KEY))
