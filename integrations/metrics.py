"""Prometheus metrics of publishing and of tokens, by platform and never by person."""

from datetime import datetime
from typing import Final

from prometheus_client import Counter, Histogram

from headshots.metrics import REGISTRY
from integrations.publication_states import FINAL_STATES, State

COUNTED_STATES: Final = FINAL_STATES | {State.BLOCKED, State.UNCERTAIN}

PUBLICATION_COUNTER: Final = Counter(
    "facet_publications", "Sendings by what came of them.", ["place", "outcome"], registry=REGISTRY
)
LATENESS_HISTOGRAM: Final = Histogram(
    "facet_publish_lateness_seconds",
    "Seconds from when a sending was due until a worker took it, at its first try.",
    buckets=(0.5, 1, 2, 5, 15, 60, 300, 3600),
    registry=REGISTRY,
)
REFRESH_COUNTER: Final = Counter(
    "facet_token_refreshes", "Renewals of tokens.", ["platform", "outcome"], registry=REGISTRY
)


def count_outcome(place: str, target: State) -> None:
    """Count a publication that has reached a state."""
    if target in COUNTED_STATES:
        PUBLICATION_COUNTER.labels(place, target.value).inc()


def observe_lateness(due: datetime, now: datetime) -> None:
    """Record how late a worker claimed a publication that was due at `due`."""
    LATENESS_HISTOGRAM.observe(max(0.0, (now - due).total_seconds()))
