"""Run a diffusion pipeline for several variants of one look; what they share is run together."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from headshots.engine.types import Ask, Image

# Called with what is being done, how many steps are done, and of how many. It may raise
# RenderCancelled, which ends the work.
Tell = Callable[[str, int, int], None]


class Painter(Protocol):
    """What runs a diffusion network, whatever and wherever it is."""

    notes: list[str]  # sentences about what was done differently than planned

    def paint(self, asks: Sequence[Ask], tell: Tell) -> list[Image]:
        """Return one picture for each request, of the size of the request's image."""


def unheard(what: str, done: int, total: int) -> None:
    """Ignore the progress of a pipeline."""


@dataclass
class Easel:
    """One pipeline, and the seeds of the variants that are made with it.

    All variants begin with the same picture, so the first request is run for every seed at once.
    Later requests differ from variant to variant and are run one by one.
    """

    painter: Painter
    seeds: tuple[int, ...]
    tell: Tell = unheard
    _dry: dict[tuple[str, int], Image] = field(default_factory=dict)
    _begun: bool = False

    def painting(self, seed: int) -> Callable[[Ask], Image]:
        """Return a function that runs requests with the seed of one variant."""
        return lambda ask: self.paint(replace(ask, seed=seed))

    def paint(self, ask: Ask) -> Image:
        """Return the picture for a request; its seed is one of the batch."""
        key = _digest(ask)
        if (key, ask.seed) not in self._dry:
            seeds = (ask.seed,) if self._begun else self.seeds
            self._begun = True
            asks = [replace(ask, seed=seed) for seed in seeds]
            painted = self.painter.paint(asks, self.tell)
            self._dry |= {(key, seed): one for seed, one in zip(seeds, painted, strict=True)}
        return self._dry.pop((key, ask.seed))


def _digest(ask: Ask) -> str:
    """Return a hash of everything in a request but its seed."""
    whole = hashlib.sha256(ask.image.tobytes())
    whole.update(b"" if ask.mask is None else ask.mask.tobytes())
    whole.update(f"{ask.prompt}\0{ask.negative}\0{ask.strength}".encode())
    return whole.hexdigest()
