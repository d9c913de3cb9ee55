"""Diffusion pipelines without a network: what they do to a picture is known exactly."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from headshots.engine.types import DiffusionTask, Image


def bend_picture(image: Image, *, amplitude: float) -> Image:
    """Bend a picture by waves of some pixels, which no similarity can undo."""
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    shift_across, shift_down = amplitude * np.sin(rows / 25), amplitude * np.cos(columns / 25)
    return cv2.remap(image, columns + shift_across, rows + shift_down, cv2.INTER_LINEAR)


@dataclass
class NoisePipeline:
    """Fills the mask with noise and keeps the rest, as a network that has learnt nothing."""

    everywhere: bool = False  # as a network that ignores masks
    notes: list[str] = field(default_factory=list)
    requested: list[list[DiffusionTask]] = field(default_factory=list)

    def run(self, requests, on_progress) -> list[Image]:
        self.requested.append(list(requests))
        return [self._generate_picture(request, on_progress) for request in requests]

    def _generate_picture(self, request: DiffusionTask, on_progress) -> Image:
        for step in range(4):
            on_progress("paint", step + 1, 4)
        noise = np.random.default_rng(request.seed).random(request.image.shape, np.float32)
        if request.mask is None or self.everywhere:
            return noise
        return np.where(request.mask[..., None] > 0.5, noise, request.image).astype(np.float32)


@dataclass
class EditorPipeline(NoisePipeline):
    """Fills the mask with noise and moves the whole picture, as real networks do."""

    zoom: float = 1.0
    across: float = 0.0
    down: float = 0.0
    bend: float = 0.0

    def _generate_picture(self, request: DiffusionTask, on_progress) -> Image:
        generated = bend_picture(
            super()._generate_picture(request, on_progress), amplitude=self.bend
        )
        side = generated.shape[0]
        matrix = cv2.getRotationMatrix2D((side / 2, side / 2), 0, self.zoom)
        matrix[:, 2] += self.across, self.down
        moved = cv2.warpAffine(generated, matrix, (side, side), flags=cv2.INTER_CUBIC)
        return np.clip(moved, 0, 1)


@dataclass
class RecolourPipeline(NoisePipeline):
    """Changes nothing but the lightness of the whole picture, by `lighten` in sRGB."""

    lighten: float = 0.0
    smile: float = 0.0  # height of a dark band on the mouth, over the side: a visible change

    def _generate_picture(self, request: DiffusionTask, on_progress) -> Image:
        on_progress("paint", 1, 1)
        generated = np.clip(request.image + np.float32(self.lighten), 0, 1)
        if self.smile:
            side = len(generated)
            rows = slice(int(0.47 * side), int((0.47 + self.smile) * side))
            generated = generated.copy()
            generated[rows, int(0.42 * side) : int(0.58 * side)] *= 0.6
        return generated
