"""Prometheus metrics of publishing and of tokens, by platform and never by person."""

from datetime import datetime
from typing import Final

from prometheus_client import Counter, Histogram

from headshots.metrics import REGISTRY
from integrations.publication_states import ENDS, State

OUTCOMES: Final = ENDS | {State.BLOCKED, State.UNCERTAIN}

PUBLICATIONS: Final = Counter(
    "facet_publications", "Sendings by what came of them.", ["place", "outcome"], registry=REGISTRY
)
LATENESS: Final = Histogram(
    "facet_publish_lateness_seconds",
    "Seconds from when a sending was due until a worker took it, at its first try.",
    buckets=(0.5, 1, 2, 5, 15, 60, 300, 3600),
    registry=REGISTRY,
)
REFRESHES: Final = Counter(
    "facet_token_refreshes", "Renewals of tokens.", ["platform", "outcome"], registry=REGISTRY
)


def moved(place: str, target: State) -> None:
    """Count a publication that has reached a state."""
    if target in OUTCOMES:
        PUBLICATIONS.labels(place, target.value).inc()


def taken(due: datetime, now: datetime) -> None:
    """Record how late a worker claimed a publication that was due at `due`."""
    LATENESS.observe(max(0.0, (now - due).total_seconds()))
