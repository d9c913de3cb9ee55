"""Presence of diffusion workers: each reports itself in the cache every few seconds."""

from typing import Final

from django.core.cache import cache

PRESENCE_KEY: Final = "painter"
REPORT_INTERVAL_SECONDS: Final = 5.0  # seconds between two reports
PRESENCE_LIFETIME_SECONDS: Final = 30  # seconds after which a worker counts as gone


def report_presence() -> None:
    """Report that this diffusion worker is running."""
    cache.set(PRESENCE_KEY, True, PRESENCE_LIFETIME_SECONDS)


def is_worker_present() -> bool:
    """Whether a diffusion worker has reported itself lately."""
    return bool(cache.get(PRESENCE_KEY))
