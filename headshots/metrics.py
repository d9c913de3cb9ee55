"""Prometheus metrics of photos and renders; no label identifies a person or a picture."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

# Separate from the default registry: branding/operations sums these values over all processes.
REGISTRY: Final = CollectorRegistry()

CHECKED_PHOTOS: Final = Counter(
    "facet_photos", "Photos the coach has looked at.", ["outcome"], registry=REGISTRY
)
FINISHED_LOOKS: Final = Counter(
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


class StepTimer:
    """Measures the duration of steps and looks from the engine's step callbacks.

    The engine reports only the start of each step, so a step ends where the next one starts.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.current_steps: dict[str, tuple[str, float, float]] = {}

    def record_step(self, look: str, step: str) -> None:
        """Record that a look starts a step; the step `gates` (the output checks) ends the look."""
        now = self.clock()
        previous_step, step_started, look_started = self.current_steps.get(look, ("", now, now))
        if previous_step:
            STEP_SECONDS.labels(previous_step).observe(now - step_started)
        if step == "gates":
            self.current_steps.pop(look, None)
            LOOK_SECONDS.labels(look).observe(now - look_started)
        else:
            self.current_steps[look] = (step, now, look_started)
