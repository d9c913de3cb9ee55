"""Aliases and frozen records every operation speaks in; the range of every array is stated here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from headshots.engine.errors import DiffusionUnavailable

Image: TypeAlias = NDArray[np.float32]  # H×W×3, sRGB-encoded, [0, 1]
Mask: TypeAlias = NDArray[np.float32]  # H×W, [0, 1]
Pixels: TypeAlias = NDArray[np.uint8]  # H×W×3, sRGB-encoded, 0..255: photos as decoded
Points: TypeAlias = NDArray[np.float64]  # N×2 or N×3, pixels; x right, y down, z away from camera


@dataclass(frozen=True)
class Box:
    """An axis-aligned rectangle in pixels; right and bottom are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return max(self.width, 0.0) * max(self.height, 0.0)

    @property
    def center(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, eq=False)
class Face:
    """One face in one photo; every length in pixels of that photo.

    `landmarks` is 478×3 in the MediaPipe Face Mesh order (the last ten are the irises). Angles are
    degrees: yaw > 0 turned to the picture's right, pitch > 0 up, roll > 0 clockwise. `eyes_open`
    is the smaller of both lid openings over eye width; `gaze` the iris offset from the eye's
    centre in eye widths; `smile` runs from -1 (stern) over 0 (at rest) to +1 (broad);
    `teeth` is the inner mouth opening over the distance between the eyes.
    """

    box: Box
    landmarks: Points
    score: float
    yaw: float
    pitch: float
    roll: float
    eyes_open: float
    gaze: tuple[float, float]
    smile: float
    teeth: float

    @property
    def eyes(self) -> Points:
        """Iris centres, 2×2: the one at the picture's left first."""
        pair = self.landmarks[[468, 473], :2]
        return pair[np.argsort(pair[:, 0])]

    @property
    def eye_distance(self) -> float:
        return float(np.linalg.norm(self.landmarks[468, :2] - self.landmarks[473, :2]))

    @property
    def chin(self) -> Points:
        return self.landmarks[152, :2]

    @property
    def forehead(self) -> Points:
        """The hairline point of the mesh: below the crown."""
        return self.landmarks[10, :2]

    @property
    def height(self) -> float:
        """Hairline to chin."""
        return float(np.linalg.norm(self.chin - self.forehead))


@dataclass(frozen=True)
class Head:
    """Where the head sits: rows of crown, eyes and chin, and the column of its axis, in pixels."""

    crown: float
    eyes: float
    chin: float
    axis: float

    @property
    def height(self) -> float:
        return self.chin - self.crown


@dataclass(frozen=True, eq=False)
class Light:
    """The form of the subject and the light found on it.

    `normals` H×W×3 at any scale, unit vectors: x to the picture's right, y up, z towards the
    camera; `estimate` ambient, then directional light along x, y, z, in linear luminance.
    """

    normals: NDArray[np.float32]
    estimate: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Room:
    """One scene in one mood: `picture` and `accent` square and of one size.

    `accent` is how much of a pixel's light comes from accent surfaces, photographed in neutral
    paint of the linear reflectance `accent_albedo`. `probe` is 9×3: the radiance that a person
    standing there receives, as real spherical harmonics of linear RGB (harmonics.py).
    """

    picture: Pixels
    accent: NDArray[np.uint8]  # H×W, 255 where all of a pixel's light comes from the accent
    accent_albedo: float
    probe: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ask:
    """What a painter is asked: paint `image` anew where `mask` is 1, all of it without a mask.

    `strength` is how far it may leave what is there now: 1 ignores it.
    """

    image: Image
    mask: Mask | None
    prompt: str
    negative: str
    strength: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Edit:
    """What one painted step measured.

    `kept` pixels of the face core were bit-equal before harmonising, 0 where the face itself was
    painted. The painting lay `shift` pixels and `zoom` beside the photo and was warped back, to
    `residual` pixels; None where nothing of the person could be recognised in it. `strength` is
    the share of the face that visibly changed.
    """

    step: str
    kept: int
    residual: float | None
    shift: float
    zoom: float
    strength: float = 0.0


def _nobody(_: Ask) -> Image:
    raise DiffusionUnavailable("This look needs a GPU worker, and there is none here.")


def _forget(_: Edit) -> None:
    """Nobody asked for the measurements."""


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known about one framed photo; everything in pixels of the frame."""

    cut: Callable[[], Image]  # frames the photo, untouched: few steps need it
    alpha: Mask
    face: Face
    head: Head
    light: Light
    seed: int = 0
    room: Room | None = None  # the scene behind, as placed by the seed
    picture: Image | None = None  # the person's own backdrop
    paint: Callable[[Ask], Image] = _nobody  # by a diffusion network, where there is one
    note: Callable[[Edit], None] = _forget  # what a painted step measured

    @cached_property
    def source(self) -> Image:
        """The framed photo, untouched."""
        return self.cut()


@dataclass(frozen=True)
class Framing:
    """A square of the canvas, in whole canvas pixels, and what it does to the head."""

    left: int
    top: int
    side: int
    head_fraction: float  # crown to chin over the side
    eye_line: float  # from the top, over the side
    notes: tuple[str, ...] = ()
