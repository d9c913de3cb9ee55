"""Change the expression of a face by a landmark warp, within limits that look natural.

Landmarks are indices of the MediaPipe Face Mesh
(https://github.com/google-ai-edge/mediapipe/blob/v0.10.21/mediapipe/modules/face_geometry/data/canonical_face_model_uv_visualization.png).
The displacements and limits were chosen by eye on the development photos, and so was every number
here without another source.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

from headshots.engine.geometry import clip_box, crop_to_box
from headshots.engine.types import Box, Face, Facts, Image, Points

GRID_SPACING = 8  # pixels between evaluated displacements: a thin-plate spline is smooth
SMOOTHING = 1.0  # squared pixels by which the spline may miss a landmark; see RBFInterpolator
BORDER_FADE = 0.08  # of the region's side: how far inside its border displacements fade to zero
MIN_DISPLACEMENT = 0.01  # pixels: what moves less keeps its value to the bit

# Landmarks of the outline, by which the face is measured.
FOREHEAD, CHIN, LEFT_EDGE, RIGHT_EDGE = 10, 152, 234, 454  # left and right in the picture

# Lowest and highest `smile` that looks natural.
CLOSED_MOUTH_LIMITS = (-0.5, 0.6)  # on a closed mouth
TEETH_LIMITS = (-0.15, 0.2)  # where teeth are visible
VISIBLE_TEETH = 0.05  # inner mouth opening over eye distance above which teeth are visible

# What a warp may add to a smile so that it is still believed, and the smile that every face gets.
BELIEVABLE_LIFT = 0.45
NOTICED_SMILE = 0.4

# Landmark: displacement (outwards, upwards) in face widths at full smile. The corners of the mouth
# move most, lips and cheeks less, and the lower lids rise: a smile of the mouth alone looks false.
# One landmark a line would hide which belong together, so the formatter leaves the table alone.
SMILE_MOVES = {
    61: (0.026, 0.038), 78: (0.023, 0.034), 185: (0.018, 0.027), 191: (0.016, 0.023),
    40: (0.011, 0.012), 146: (0.017, 0.021), 95: (0.015, 0.019), 91: (0.009, 0.009),
    205: (0.006, 0.021), 50: (0.004, 0.015), 216: (0.013, 0.026), 207: (0.009, 0.020),
    145: (0.0, 0.008), 153: (0.0, 0.007), 144: (0.0, 0.007),
}  # fmt: skip

# The same at full contemplation: the mouth at rest, brow and upper lid slightly lower. One line a
# part of the face, so the formatter leaves the table alone.
CONTEMPLATION_MOVES = {
    61: (-0.006, -0.006), 78: (-0.005, -0.005),
    159: (0.0, -0.009), 158: (0.0, -0.008), 160: (0.0, -0.008),
    105: (0.0, -0.010), 66: (0.0, -0.007), 63: (0.0, -0.010), 70: (0.0, -0.006),
}  # fmt: skip

# Landmark at the picture's left: the same one on the other half of the face. Kept in rows, as a
# lookup table of 22 pairs that nobody reads line by line, so the formatter leaves it alone.
MIRRORED_LANDMARKS = {
    61: 291, 78: 308, 185: 409, 191: 415, 40: 270, 146: 375, 95: 324, 91: 321, 205: 425, 50: 280,
    216: 436, 207: 427, 145: 374, 153: 380, 144: 373, 159: 386, 158: 385, 160: 387, 105: 334,
    66: 296, 63: 293, 70: 300,
}  # fmt: skip

# Landmarks that keep their place: the outline of the face, the nose, the corners of the eyes and
# the middle of the lips. These are 54 bare indices; one a line would only take space, so the
# formatter leaves them alone.
FIXED_LANDMARKS = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 1, 4, 5, 195,
    197, 6, 168, 33, 133, 362, 263, 13, 14, 0, 17, 2, 98, 327,
)  # fmt: skip


@dataclass(frozen=True)
class Expression:
    """Parameters of the step `apply_expression`.

    `smile` is -1 (stern) to 1 (broad), `contemplative` 0 to 1; 0 leaves the face as photographed.
    """

    smile: float = 0.0
    contemplative: float = 0.0


def apply_expression(image: Image, facts: Facts, params: Expression) -> Image:
    """Warp the inside of the face towards the requested expression; its outline stays in place."""
    smile = limit_smile(facts.face, params.smile)
    moves = _landmark_moves(facts.face, smile, params.contemplative)
    if not moves:
        return image
    return _warp_face(image, facts.face, moves)


def limit_smile(face: Face, requested_smile: float) -> float:
    """Limit a requested smile, -1 to 1, to what looks natural on this mouth.

    The part of a smile that the face shows already is not added again.
    """
    return limit_added_smile(requested_smile, smile=face.smile, teeth=face.teeth)


def limit_added_smile(requested_smile: float, *, smile: float, teeth: float) -> float:
    """Limit a requested smile to what is added to a photographed one; see `limit_smile`.

    `smile` and `teeth` are those of the photographed face, as in `Face`.
    """
    lowest, highest = TEETH_LIMITS if teeth > VISIBLE_TEETH else CLOSED_MOUTH_LIMITS
    missing_smile = requested_smile
    if requested_smile > 0:
        missing_smile *= 1 - max(smile, 0)
    return float(np.clip(missing_smile, lowest, highest))


def is_reachable(face: Face, requested_smile: float) -> bool:
    """Whether this face can be given a smile, -1 to 1, that a stranger would call one.

    Warping a mouth turns a slight smile into a clear one, and no serious face into a glad one.
    """
    return requested_smile <= max(NOTICED_SMILE, face.smile + BELIEVABLE_LIFT)


def _landmark_moves(face: Face, smile: float, contemplative: float) -> dict[int, Points]:
    """Return the displacement in pixels, (x, y), of every landmark that moves."""
    landmarks = face.landmarks
    upwards = landmarks[FOREHEAD, :2] - landmarks[CHIN, :2]
    upwards = upwards / np.linalg.norm(upwards)
    rightwards = np.array([-upwards[1], upwards[0]])
    face_width = float(np.linalg.norm(landmarks[LEFT_EDGE, :2] - landmarks[RIGHT_EDGE, :2]))
    moves: dict[int, Points] = {}
    for table, amount in ((SMILE_MOVES, smile), (CONTEMPLATION_MOVES, contemplative)):
        for index, (outward_share, upward_share) in table.items() if amount else ():
            for landmark, sign in ((index, -1.0), (MIRRORED_LANDMARKS[index], 1.0)):
                displacement = (
                    (sign * outward_share * rightwards + upward_share * upwards)
                    * face_width
                    * amount
                )
                moves[landmark] = moves.get(landmark, np.zeros(2)) + displacement
    return moves


def _warp_face(image: Image, face: Face, moves: dict[int, Points]) -> Image:
    """Move landmarks by resampling the face's box along a thin-plate spline (Bookstein 1989).

    The displacement is zero on the outline of the face and beyond it.
    """
    moving = list(moves)
    fixed = [landmark for landmark in FIXED_LANDMARKS if landmark not in moves]
    source = face.landmarks[moving + fixed, :2]
    displacements = np.array([*moves.values(), *np.zeros((len(fixed), 2))])
    top_left, bottom_right = source.min(axis=0), source.max(axis=0)
    region = clip_box(Box(*top_left, *bottom_right), width=image.shape[1], height=image.shape[0])
    displacement_field = _displacement_field(source + displacements, -displacements, region)
    rows, columns = np.mgrid[: int(region.height), : int(region.width)].astype(np.float32)
    rows, columns = rows + displacement_field[..., 1], columns + displacement_field[..., 0]
    rows, columns = rows + np.float32(region.top), columns + np.float32(region.left)
    warped = cv2.remap(image, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    has_moved = np.abs(displacement_field).max(axis=2, keepdims=True) > MIN_DISPLACEMENT
    result = image.copy()
    view = crop_to_box(result, region)
    view[:] = np.where(has_moved, np.clip(warped, 0, 1), view)
    return result


def _displacement_field(
    control_points: Points, displacements: Points, region: Box
) -> NDArray[np.float32]:
    """Interpolate displacements (N×2) given at centers (N×2) over a region, as H×W×2.

    They fade to zero towards the border of the region.
    """
    rows, columns = np.mgrid[
        : int(region.height) + GRID_SPACING : GRID_SPACING,
        : int(region.width) + GRID_SPACING : GRID_SPACING,
    ]
    grid_points = np.column_stack([columns.ravel() + region.left, rows.ravel() + region.top])
    spline = RBFInterpolator(
        control_points, displacements, kernel="thin_plate_spline", smoothing=SMOOTHING
    )
    coarse_field = spline(grid_points).reshape(*rows.shape, 2).astype(np.float32)
    full_size = (rows.shape[1] * GRID_SPACING, rows.shape[0] * GRID_SPACING)
    full_field = cv2.resize(coarse_field, full_size, interpolation=cv2.INTER_LINEAR)
    full_field = full_field[: int(region.height), : int(region.width)]
    return np.asarray(full_field * _border_weights(full_field.shape[:2])[..., None], np.float32)


def _border_weights(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return weights of a rectangle, H×W: 0 at its border, rising to 1 inside."""
    rows, columns = (np.linspace(0, 1, length, dtype=np.float32) for length in shape[:2])
    ramps = [
        np.clip(np.minimum(positions, 1 - positions) / BORDER_FADE, 0, 1)
        for positions in (rows, columns)
    ]
    return np.asarray(np.outer(*ramps), np.float32)
