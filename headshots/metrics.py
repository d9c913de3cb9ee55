"""Prometheus metrics of photos and renders; no label identifies a person or a picture."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

# Separate from the default registry: branding/operations sums these values over all processes.
REGISTRY: Final = CollectorRegistry()

PHOTOS: Final = Counter(
    "facet_photos", "Photos the coach has looked at.", ["outcome"], registry=REGISTRY
)
LOOKS: Final = Counter(
    "facet_looks", "Looks by what came of them.", ["look", "outcome"], registry=REGISTRY
)
STEP_SECONDS: Final = Histogram(
    "facet_step_seconds",
    "Seconds that one step of a look takes.",
    ["step"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3),
    registry=REGISTRY,
)
LOOK_SECONDS: Final = Histogram(
    "facet_look_seconds",
    "Seconds that the steps of one look take together.",
    ["look"],
    buckets=(0.1, 0.3, 1, 3, 10),
    registry=REGISTRY,
)
RENDER_SECONDS: Final = Histogram(
    "facet_render_seconds",
    "Seconds from pressing the button to the last headshot.",
    ["kind"],
    buckets=(1, 2, 4, 8, 15, 30, 60, 300),
    registry=REGISTRY,
)


class Watch:
    """Measures the duration of steps and looks from the engine's step callbacks.

    The engine reports only the start of each step, so a step ends where the next one starts.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.running: dict[str, tuple[str, float, float]] = {}

    def told(self, look: str, step: str) -> None:
        """Record that a look starts a step; the step `gates` (the output checks) ends the look."""
        now = self.clock()
        before, since, start = self.running.get(look, ("", now, now))
        if before:
            STEP_SECONDS.labels(before).observe(now - since)
        if step == "gates":
            self.running.pop(look, None)
            LOOK_SECONDS.labels(look).observe(now - start)
        else:
            self.running[look] = (step, now, start)
