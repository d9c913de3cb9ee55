"""Diffusion pipelines without a network: what they do to a picture is known exactly."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from headshots.engine.types import Ask, Image


def bent(image: Image, *, by: float) -> Image:
    """Bend a picture by waves of some pixels, which no similarity can undo."""
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    across, down = by * np.sin(rows / 25), by * np.cos(columns / 25)
    return cv2.remap(image, columns + across, rows + down, cv2.INTER_LINEAR)


@dataclass
class Noise:
    """Fills the mask with noise and keeps the rest, as a network that has learnt nothing."""

    everywhere: bool = False  # as a network that ignores masks
    notes: list[str] = field(default_factory=list)
    asked: list[list[Ask]] = field(default_factory=list)

    def paint(self, asks, tell) -> list[Image]:
        self.asked.append(list(asks))
        return [self._one(ask, tell) for ask in asks]

    def _one(self, ask: Ask, tell) -> Image:
        for step in range(4):
            tell("paint", step + 1, 4)
        noise = np.random.default_rng(ask.seed).random(ask.image.shape, np.float32)
        if ask.mask is None or self.everywhere:
            return noise
        return np.where(ask.mask[..., None] > 0.5, noise, ask.image).astype(np.float32)


@dataclass
class Editor(Noise):
    """Fills the mask with noise and moves the whole picture, as real networks do."""

    zoom: float = 1.0
    across: float = 0.0
    down: float = 0.0
    bend: float = 0.0

    def _one(self, ask: Ask, tell) -> Image:
        painted = bent(super()._one(ask, tell), by=self.bend)
        side = painted.shape[0]
        move = cv2.getRotationMatrix2D((side / 2, side / 2), 0, self.zoom)
        move[:, 2] += self.across, self.down
        moved = cv2.warpAffine(painted, move, (side, side), flags=cv2.INTER_CUBIC)
        return np.clip(moved, 0, 1)


@dataclass
class Recolour(Noise):
    """Changes nothing but the lightness of the whole picture, by `lighten` in sRGB."""

    lighten: float = 0.0
    smile: float = 0.0  # height of a dark band on the mouth, over the side: a visible change

    def _one(self, ask: Ask, tell) -> Image:
        tell("paint", 1, 1)
        painted = np.clip(ask.image + np.float32(self.lighten), 0, 1)
        if self.smile:
            side = len(painted)
            rows = slice(int(0.47 * side), int((0.47 + self.smile) * side))
            painted = painted.copy()
            painted[rows, int(0.42 * side) : int(0.58 * side)] *= 0.6
        return painted
