"""Register a generated picture to the photo: image models shift and zoom what they change."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.errors import FaceLockFailed
from headshots.engine.geometry import similarity
from headshots.engine.types import Image, Mask, Points

# Numbers without another source were chosen by eye on the development photos; the tests of the face
# lock check them on pictures that were moved, zoomed and bent by known amounts.

STILL: Final = 0.25  # pixels of misalignment below which a picture is left as it is
LIMIT: Final = 1.0  # pixels of misalignment that may remain after warping
# Factors: image models were seen to zoom by up to 20 %; beyond this range it is another picture.
ZOOM: Final = (0.75, 1.35)
ENOUGH: Final = 12  # points that must agree before a similarity is believed
SURE_MASK: Final = 0.9  # mask value from which a pixel is used

# First guess: SIFT and RANSAC.
MATCH_SIDE: Final = 640  # pixels: the size at which points are matched
SIFT_POINTS: Final = 1000  # at most
RATIO_TEST: Final = 0.75  # distance of the best match over the second best; Lowe 2004 uses 0.8
RANSAC_THRESHOLD: Final = 2.0  # pixels of MATCH_SIDE
RANSAC_SEED: Final = 7  # any constant: the same pictures give the same result

# Refinement: corners that are followed by optical flow, forth and back.
REFINEMENTS: Final = 2  # rounds
CORNERS: Final = 300  # at most
CORNER_QUALITY: Final = 0.01  # of the best corner's, as cv2.goodFeaturesToTrack defines it
CORNER_DISTANCE: Final = 6  # pixels between two corners
WINDOW: Final = (21, 21)  # pixels around a corner that are followed
PYRAMID_LEVELS: Final = 2  # halvings of the size at which flow is followed first
RETURN_LIMIT: Final = 0.5  # pixels that a corner may miss its start by after both ways
OUTLIER_FACTOR: Final = 3  # times the median displacement, from which a corner is left out
MIN_OUTLIER: Final = 1.0  # pixels of displacement that never make a corner an outlier
IDENTITY: Final = np.eye(2, 3)
Move = NDArray[np.float64]  # 2×3
Grey = NDArray[np.uint8]
Pairs = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Registration:
    """How a generated picture lies on the photo.

    `matrix`, 2×3, takes its pixels to those of the photo; `residual` is the root mean square
    distance, in pixels, that remains then. It is None where no part of the person was recognised.
    """

    move: Move
    residual: float | None

    @property
    def zoom(self) -> float:
        """The factor by which the picture is scaled."""
        return float(np.hypot(*self.move[:, 0]))

    def shift(self, side: int) -> float:
        """Return how far the middle of a picture of this side moves, in pixels."""
        middle = np.full(2, side / 2)
        return float(np.linalg.norm(self.move[:, :2] @ middle + self.move[:, 2] - middle))


def register(painted: Image, photo: Image, where: Mask) -> Registration:
    """Find the similarity that lays a generated picture over the photo.

    Both are H×W×3 of one size; only the photo's masked part, H×W, is compared. Unless the picture
    lies there already, SIFT (Lowe 2004) and RANSAC (Fischler and Bolles 1981) give a first guess,
    and sub-pixel optical flow (Lucas and Kanade 1981) refines it and measures what remains.
    """
    one, two = (_grey(each) for each in (painted, photo))
    still = _apart(_flow(one, two, where, IDENTITY))
    if still < STILL:
        return Registration(IDENTITY, still)
    move = _matched(one, two, where)
    if move is None:
        return Registration(IDENTITY, None)
    for _ in range(REFINEMENTS):
        seen = _flow(one, two, where, move)
        if seen is None:
            return Registration(move, float("inf"))
        move = _then(move, similarity(*seen))
    return Registration(move, _apart(_flow(one, two, where, move)))


def laid_over(painted: Image, found: Registration) -> Image:
    """Warp a generated picture into the photo's pixels, as registered.

    Raises FaceLockFailed if more than MAX_RESIDUAL pixels of misalignment would remain.
    """
    if found.residual is not None and not found.residual <= LIMIT:
        raise FaceLockFailed(f"The painting lies {found.residual:.1f} pixels beside the photo.")
    if np.array_equal(found.move, IDENTITY):
        return painted
    side = painted.shape[0]
    # Cubic interpolation overshoots [0, 1]; what the picture does not cover is mirrored in.
    moved = cv2.warpAffine(
        painted, found.move, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.clip(moved, 0, 1)


def _grey(image: Image) -> Grey:
    """Convert to 8-bit grey, which OpenCV's feature detectors take."""
    return np.round(color.luma(image) * 255).astype(np.uint8)


def _matched(painted: Grey, photo: Grey, where: Mask) -> Move | None:
    """Find a first similarity from matching points; None unless enough of them agree."""
    scale = min(1.0, MATCH_SIDE / photo.shape[0])
    small = [
        cv2.resize(each, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        for each in (painted, photo)
    ]
    mask = cv2.resize(where, small[1].shape[::-1], interpolation=cv2.INTER_AREA) > SURE_MASK
    pairs = _matching_points(small[0], small[1], mask.astype(np.uint8) * 255)
    if pairs is None:
        return None
    cv2.setRNGSeed(RANSAC_SEED)
    move, agree = cv2.estimateAffinePartial2D(*pairs, ransacReprojThreshold=RANSAC_THRESHOLD)
    if move is None or int(agree.sum()) < ENOUGH:
        return None
    if not ZOOM[0] <= np.hypot(*move[:, 0]) <= ZOOM[1]:
        return None
    return move * np.array([1, 1, 1 / scale])


def _matching_points(generated: Grey, photo: Grey, photo_mask: NDArray[np.uint8]) -> Pairs | None:
    """Match SIFT features by the ratio test; N×2 points of both pictures, None if too few."""
    detector = cv2.SIFT.create(nfeatures=SIFT_POINTS)
    generated_points, generated_descriptors = detector.detectAndCompute(generated, None)
    photo_points, photo_descriptors = detector.detectAndCompute(photo, photo_mask)
    if min(len(generated_points), len(photo_points)) < ENOUGH:
        return None
    nearest = cv2.BFMatcher().knnMatch(photo_descriptors, generated_descriptors, k=2)
    matches = [best for best, second in nearest if best.distance < RATIO_TEST * second.distance]
    if len(matches) < ENOUGH:
        return None
    source = np.array([generated_points[match.trainIdx].pt for match in matches])
    target = np.array([photo_points[match.queryIdx].pt for match in matches])
    return source, target


def _apart(seen: Pairs | None) -> float:
    """Return the root mean square distance of paired points, in pixels; infinite without any."""
    if seen is None:
        return float("inf")
    return float(np.sqrt(np.mean(np.sum((seen[0] - seen[1]) ** 2, axis=1))))


def _flow(painted: Grey, photo: Grey, where: Mask, move: Move) -> Pairs | None:
    """Follow corners of the photo into the moved picture by optical flow.

    Returns N×2 points of the moved picture and the same points in the photo, or None if too few
    were followed.
    """
    sure = (where > SURE_MASK).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(sure)
    here = np.s_[top : top + height, left : left + width]
    spots = cv2.goodFeaturesToTrack(
        photo[here], CORNERS, CORNER_QUALITY, CORNER_DISTANCE, mask=sure[here]
    )
    if spots is None or len(spots) < ENOUGH:
        return None
    corner = np.array([left, top], np.float64)
    moved = _warped(painted, move, corner, size=(width, height))
    there, held = _forth_and_back(photo[here], moved, spots)
    if held.sum() < ENOUGH:
        return None
    target, source = spots[held, 0].astype(np.float64), there[held, 0].astype(np.float64)
    apart = np.linalg.norm(target - source, axis=1)
    close = apart <= max(MIN_OUTLIER, OUTLIER_FACTOR * float(np.median(apart)))
    return source[close] + corner, target[close] + corner


def _forth_and_back(
    photo: Grey, moved_picture: Grey, corners: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Follow corners (N×1×2) into a moved picture, and tell which of them lead back."""
    follow = partial(cv2.calcOpticalFlowPyrLK, winSize=WINDOW, maxLevel=PYRAMID_LEVELS)
    followed, is_followed, _ = follow(photo, moved_picture, corners, None)
    returned, is_returned, _ = follow(moved_picture, photo, followed, None)
    is_reliable = (is_followed & is_returned).ravel() > 0
    is_reliable &= np.linalg.norm((returned - corners)[:, 0], axis=1) < RETURN_LIMIT
    return followed, is_reliable


def _warped(grey: Grey, move: Move, corner: Points, *, size: tuple[int, int]) -> Grey:
    """Move a picture and return the part of it that begins at a corner, (x, y)."""
    cut = move - np.column_stack([np.zeros((2, 2)), corner])
    return np.asarray(
        cv2.warpAffine(grey, cut, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101),
        np.uint8,
    )


def _then(first: Move, second: Move) -> Move:
    """Compose two similarities: the first is applied first."""
    return np.column_stack(
        [second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2] + second[:, 2]]
    )
