"""Type aliases and frozen records that all operations share, with the range of every array."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from headshots.engine.errors import DiffusionUnavailable

Image: TypeAlias = NDArray[np.float32]  # H×W×3, sRGB-encoded, [0, 1]
Mask: TypeAlias = NDArray[np.float32]  # H×W, [0, 1]
Pixels: TypeAlias = NDArray[np.uint8]  # H×W×3, sRGB-encoded, 0..255: photos as decoded
Points: TypeAlias = NDArray[np.float64]  # N×2 or N×3, pixels; x right, y down, z away from camera
# Which face of a photo: its index, largest first, or a point (x, y) in it, as shares of width and
# height of the photo; None is the one that dominates.
FaceChoice: TypeAlias = int | tuple[float, float] | None

# Indices of MediaPipe Face Mesh with refined landmarks:
# https://github.com/google-ai-edge/mediapipe/blob/master/docs/solutions/face_mesh.md
FACE_POINTS: Final = 468  # landmarks of the face, before those of the irises
FIRST_IRIS_CENTER: Final = 468
SECOND_IRIS_CENTER: Final = 473
CHIN_POINT: Final = 152
HAIRLINE_POINT: Final = 10
EAR_POINTS: Final = [234, 454]  # in front of the ears


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
        """Width times height in square pixels; 0 for an inverted box."""
        return max(self.width, 0.0) * max(self.height, 0.0)

    @property
    def center(self) -> tuple[float, float]:
        """The centre as (x, y)."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, eq=False)
class Face:
    """One face in one photo; every length in pixels of that photo.

    `landmarks` is 478×3 in the MediaPipe Face Mesh order (the last ten are the irises). `score` is
    the confidence of the face detector in [0, 1]. Angles are degrees: yaw > 0 turned to the
    picture's right, pitch > 0 up, roll > 0 clockwise. `eyes_open` is the smaller of both lid
    openings over eye width; `gaze` the iris offset from the eye's centre in eye widths; `smile`
    runs from -1 (stern) over 0 (at rest) to +1 (broad); `teeth` is the inner mouth opening over the
    distance between the eyes.
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
        iris_centers = self.landmarks[[FIRST_IRIS_CENTER, SECOND_IRIS_CENTER], :2]
        return iris_centers[np.argsort(iris_centers[:, 0])]

    @property
    def eye_distance(self) -> float:
        """Distance between the iris centres."""
        first_iris, second_iris = self.landmarks[[FIRST_IRIS_CENTER, SECOND_IRIS_CENTER], :2]
        return float(np.linalg.norm(first_iris - second_iris))

    @property
    def chin(self) -> Points:
        """The lowest point of the chin, (x, y)."""
        return self.landmarks[CHIN_POINT, :2]

    @property
    def forehead(self) -> Points:
        """The topmost point of the mesh, (x, y): about the hairline, below the crown."""
        return self.landmarks[HAIRLINE_POINT, :2]

    @property
    def height(self) -> float:
        """Distance from hairline to chin."""
        return float(np.linalg.norm(self.chin - self.forehead))


@dataclass(frozen=True)
class Head:
    """Where the head is: rows of crown, eyes and chin, and the column of its axis, in pixels."""

    crown: float
    eyes: float
    chin: float
    axis: float

    @property
    def height(self) -> float:
        """Distance from crown (hair included) to chin."""
        return self.chin - self.crown


@dataclass(frozen=True, eq=False)
class Light:
    """The shape of the subject and the light measured on it.

    `normals` is H×W×3 at any scale, unit vectors: x to the picture's right, y up, z towards the
    camera. `coefficients` holds four numbers in linear luminance: the ambient light, then the
    directional light along x, y and z.
    """

    normals: NDArray[np.float32]
    coefficients: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SceneView:
    """One background scene in one mood: `picture` and `accent` are square and of one size.

    `accent` is the share of a pixel's light that comes from surfaces in the accent colour. They
    were rendered in neutral paint of the linear reflectance `accent_albedo`. `probe` is 9×3: the
    radiance that a person standing in the scene receives, as real spherical harmonics of linear RGB
    (see operations/spherical_harmonics.py).
    """

    picture: Pixels
    accent: NDArray[np.uint8]  # H×W, 255 where all of a pixel's light comes from the accent
    accent_albedo: float
    probe: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clothes:
    """The person with other clothes on: the rows of the frame from `first_row` down."""

    first_row: int
    picture: Image


@dataclass(frozen=True, eq=False)
class DiffusionTask:
    """One request to a diffusion pipeline: repaint `image` where `mask` is 1.

    Without a mask the whole image is repainted. `strength` in [0, 1] is how far the result may
    depart from the pixels that are there: 1 ignores them.
    """

    image: Image
    mask: Mask | None
    prompt: str
    negative_prompt: str
    strength: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class EditReport:
    """What was measured of one diffusion step.

    `kept` is the number of pixels of the face core that were bit-equal before the colours were
    harmonised; 0 where the face itself was repainted. The generated picture was `shift` pixels and
    `zoom` (a factor) off the photo and was warped back, to within `residual` pixels; `residual` is
    None where no part of the person could be recognised in it. `strength` is the share of the face
    that visibly changed.
    """

    step: str
    kept: int
    residual: float | None
    shift: float
    zoom: float
    strength: float = 0.0


def _raise_no_pipeline(_: DiffusionTask) -> Image:
    """Stand in for a diffusion pipeline where there is none."""
    raise DiffusionUnavailable("This look needs a GPU worker, and there is none here.")


def _ignore_report(_: EditReport) -> None:
    """Discard the measurements of a diffusion step."""


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known about one framed photo; everything in pixels of the frame."""

    crop_photo: Callable[
        [], Image
    ]  # crops and scales the unedited photo, on demand: few steps need it
    alpha: Mask
    face: Face
    head: Head
    light: Light
    seed: int = 0
    scene: SceneView | None = None  # the background scene, as the seed places it
    backdrop_picture: Image | None = None  # a background picture that the person brought
    clothes: Clothes | None = None  # from the wardrobe, put on for this frame
    # Runs the diffusion pipeline, if there is one.
    generate: Callable[[DiffusionTask], Image] = _raise_no_pipeline
    # Receives what a diffusion step measured.
    record_edit: Callable[[EditReport], None] = _ignore_report

    @cached_property
    def photo(self) -> Image:
        """The framed photo, unedited."""
        return self.crop_photo()


@dataclass(frozen=True)
class Framing:
    """A square crop of the canvas, in whole canvas pixels, and where it places the head."""

    left: int
    top: int
    side: int
    head_fraction: float  # crown to chin over the side
    eye_line: float  # from the top, over the side
    notes: tuple[str, ...] = ()  # sentences for the person, where the crop differs from the look
