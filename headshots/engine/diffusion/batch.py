"""Where a painter works for some variants of one look: what they share is painted together."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from headshots.engine.types import Ask, Image

Tell = Callable[
    [str, int, int], None
]  # what is done, how many of how many; may raise RenderCancelled


class Painter(Protocol):
    """A diffusion network, however it is run."""

    notes: list[str]  # what had to be done otherwise, in words

    def paint(self, asks: Sequence[Ask], tell: Tell) -> list[Image]:
        """One picture an ask, of its image's size."""


def unheard(what: str, done: int, total: int) -> None:
    """Nobody asked how far it is."""


@dataclass
class Easel:
    """One painter and the seeds of the variants that stand here side by side.

    All of them begin with the same picture, so the first ask is painted for every seed at once;
    later asks differ from variant to variant and are painted one by one.
    """

    painter: Painter
    seeds: tuple[int, ...]
    tell: Tell = unheard
    _dry: dict[tuple[str, int], Image] = field(default_factory=dict)
    _begun: bool = False

    def painting(self, seed: int) -> Callable[[Ask], Image]:
        """How the variant of this seed paints."""
        return lambda ask: self.paint(replace(ask, seed=seed))

    def paint(self, ask: Ask) -> Image:
        """The picture of this ask."""
        key = _digest(ask)
        if (key, ask.seed) not in self._dry:
            seeds = (ask.seed,) if self._begun else self.seeds
            self._begun = True
            asks = [replace(ask, seed=seed) for seed in seeds]
            painted = self.painter.paint(asks, self.tell)
            self._dry |= {(key, seed): one for seed, one in zip(seeds, painted, strict=True)}
        return self._dry.pop((key, ask.seed))


def _digest(ask: Ask) -> str:
    """Everything but the seed."""
    whole = hashlib.sha256(ask.image.tobytes())
    whole.update(b"" if ask.mask is None else ask.mask.tobytes())
    whole.update(f"{ask.prompt}\0{ask.negative}\0{ask.strength}".encode())
    return whole.hexdigest()
