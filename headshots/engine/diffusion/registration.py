"""Register a generated picture to the photo: image models shift and zoom what they change."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.errors import FaceLockFailed
from headshots.engine.geometry import fit_similarity
from headshots.engine.types import Image, Mask, Points

# Numbers without another source were chosen by eye on the development photos; the tests of the face
# lock check them on pictures that were moved, zoomed and bent by known amounts.

NEGLIGIBLE_RESIDUAL: Final = 0.25  # pixels of misalignment below which a picture is left as it is
MAX_RESIDUAL: Final = 1.0  # pixels of misalignment that may remain after warping
# Factors: image models were seen to zoom by up to 20 %; beyond this range it is another picture.
ZOOM_RANGE: Final = (0.75, 1.35)
MIN_POINTS: Final = 12  # points that must agree before a similarity is believed
SURE_MASK: Final = 0.9  # mask value from which a pixel is used

# First guess: SIFT and RANSAC.
MATCH_SIDE: Final = 640  # pixels: the size at which points are matched
SIFT_POINTS: Final = 1000  # at most
RATIO_TEST: Final = 0.75  # distance of the best match over the second best; Lowe 2004 uses 0.8
RANSAC_THRESHOLD: Final = 2.0  # pixels of MATCH_SIDE
RANSAC_SEED: Final = 7  # any constant: the same pictures give the same result

# Refinement: corners that are followed by optical flow, forth and back.
REFINEMENTS: Final = 2  # rounds
MAX_CORNERS: Final = 300  # at most
CORNER_QUALITY: Final = 0.01  # of the best corner's, as cv2.goodFeaturesToTrack defines it
CORNER_DISTANCE: Final = 6  # pixels between two corners
FLOW_WINDOW: Final = (21, 21)  # pixels around a corner that are followed
PYRAMID_LEVELS: Final = 2  # halvings of the size at which flow is followed first
RETURN_LIMIT: Final = 0.5  # pixels that a corner may miss its start by after both ways
OUTLIER_FACTOR: Final = 3  # times the median displacement, from which a corner is left out
MIN_OUTLIER: Final = 1.0  # pixels of displacement that never make a corner an outlier
IDENTITY: Final = np.eye(2, 3)
SimilarityMatrix = NDArray[np.float64]  # 2×3
GreyImage = NDArray[np.uint8]
PointPairs = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class ImageRegistration:
    """How a generated picture lies on the photo.

    `matrix`, 2×3, takes its pixels to those of the photo; `residual` is the root mean square
    distance, in pixels, that remains then. It is None where no part of the person was recognised.
    """

    matrix: SimilarityMatrix
    residual: float | None

    @property
    def zoom(self) -> float:
        """The factor by which the picture is scaled."""
        return float(np.hypot(*self.matrix[:, 0]))

    def shift(self, side: int) -> float:
        """Return how far the middle of a picture of this side moves, in pixels."""
        middle = np.full(2, side / 2)
        return float(np.linalg.norm(self.matrix[:, :2] @ middle + self.matrix[:, 2] - middle))


def register_image(generated: Image, photo: Image, photo_mask: Mask) -> ImageRegistration:
    """Find the similarity that lays a generated picture over the photo.

    Both are H×W×3 of one size; only the photo's masked part, H×W, is compared. Unless the picture
    lies there already, SIFT (Lowe 2004) and RANSAC (Fischler and Bolles 1981) give a first guess,
    and sub-pixel optical flow (Lucas and Kanade 1981) refines it and measures what remains.
    """
    generated_grey, photo_grey = (_to_grey(picture) for picture in (generated, photo))
    initial_residual = _rms_distance(
        _follow_corners(generated_grey, photo_grey, photo_mask, IDENTITY)
    )
    if initial_residual < NEGLIGIBLE_RESIDUAL:
        return ImageRegistration(IDENTITY, initial_residual)
    matrix = _match_features(generated_grey, photo_grey, photo_mask)
    if matrix is None:
        return ImageRegistration(IDENTITY, None)
    for _ in range(REFINEMENTS):
        point_pairs = _follow_corners(generated_grey, photo_grey, photo_mask, matrix)
        if point_pairs is None:
            return ImageRegistration(matrix, float("inf"))
        matrix = _compose_similarities(matrix, fit_similarity(*point_pairs))
    return ImageRegistration(
        matrix, _rms_distance(_follow_corners(generated_grey, photo_grey, photo_mask, matrix))
    )


def warp_onto_photo(generated: Image, registered: ImageRegistration) -> Image:
    """Warp a generated picture into the photo's pixels, as registered.

    Raises FaceLockFailed if more than MAX_RESIDUAL pixels of misalignment would remain.
    """
    if registered.residual is not None and not registered.residual <= MAX_RESIDUAL:
        raise FaceLockFailed(
            f"The painting lies {registered.residual:.1f} pixels beside the photo."
        )
    if np.array_equal(registered.matrix, IDENTITY):
        return generated
    side = generated.shape[0]
    # Cubic interpolation overshoots [0, 1]; what the picture does not cover is mirrored in.
    warped = cv2.warpAffine(
        generated,
        registered.matrix,
        (side, side),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.clip(warped, 0, 1)


def _to_grey(image: Image) -> GreyImage:
    """Convert to 8-bit grey, which OpenCV's feature detectors take."""
    return np.round(color.compute_luma(image) * 255).astype(np.uint8)


def _match_features(
    generated: GreyImage, photo: GreyImage, photo_mask: Mask
) -> SimilarityMatrix | None:
    """Find a first similarity from matching points; None unless enough of them agree."""
    scale = min(1.0, MATCH_SIDE / photo.shape[0])
    reduced = [
        cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        for picture in (generated, photo)
    ]
    mask = cv2.resize(photo_mask, reduced[1].shape[::-1], interpolation=cv2.INTER_AREA) > SURE_MASK
    point_pairs = _matching_points(reduced[0], reduced[1], mask.astype(np.uint8) * 255)
    if point_pairs is None:
        return None
    cv2.setRNGSeed(RANSAC_SEED)
    matrix, inliers = cv2.estimateAffinePartial2D(
        *point_pairs, ransacReprojThreshold=RANSAC_THRESHOLD
    )
    if matrix is None or int(inliers.sum()) < MIN_POINTS:
        return None
    if not ZOOM_RANGE[0] <= np.hypot(*matrix[:, 0]) <= ZOOM_RANGE[1]:
        return None
    return matrix * np.array([1, 1, 1 / scale])


def _matching_points(
    generated: GreyImage, photo: GreyImage, photo_mask: NDArray[np.uint8]
) -> PointPairs | None:
    """Match SIFT features by the ratio test; N×2 points of both pictures, None if too few."""
    detector = cv2.SIFT.create(nfeatures=SIFT_POINTS)
    generated_points, generated_descriptors = detector.detectAndCompute(generated, None)
    photo_points, photo_descriptors = detector.detectAndCompute(photo, photo_mask)
    if min(len(generated_points), len(photo_points)) < MIN_POINTS:
        return None
    nearest = cv2.BFMatcher().knnMatch(photo_descriptors, generated_descriptors, k=2)
    matches = [
        best_match
        for best_match, second_match in nearest
        if best_match.distance < RATIO_TEST * second_match.distance
    ]
    if len(matches) < MIN_POINTS:
        return None
    source = np.array([generated_points[match.trainIdx].pt for match in matches])
    target = np.array([photo_points[match.queryIdx].pt for match in matches])
    return source, target


def _rms_distance(point_pairs: PointPairs | None) -> float:
    """Return the root mean square distance of paired points, in pixels; infinite without any."""
    if point_pairs is None:
        return float("inf")
    return float(np.sqrt(np.mean(np.sum((point_pairs[0] - point_pairs[1]) ** 2, axis=1))))


def _follow_corners(
    generated: GreyImage, photo: GreyImage, photo_mask: Mask, matrix: SimilarityMatrix
) -> PointPairs | None:
    """Follow corners of the photo into the moved picture by optical flow.

    Returns N×2 points of the moved picture and the same points in the photo, or None if too few
    were followed.
    """
    sure_mask = (photo_mask > SURE_MASK).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(sure_mask)
    region = np.s_[top : top + height, left : left + width]
    photo_corners = cv2.goodFeaturesToTrack(
        photo[region], MAX_CORNERS, CORNER_QUALITY, CORNER_DISTANCE, mask=sure_mask[region]
    )
    if photo_corners is None or len(photo_corners) < MIN_POINTS:
        return None
    corner = np.array([left, top], np.float64)
    moved = _warp_region(generated, matrix, corner, size=(width, height))
    moved_corners, is_reliable = _check_both_ways(photo[region], moved, photo_corners)
    if is_reliable.sum() < MIN_POINTS:
        return None
    target = photo_corners[is_reliable, 0].astype(np.float64)
    source = moved_corners[is_reliable, 0].astype(np.float64)
    distances = np.linalg.norm(target - source, axis=1)
    is_inlier = distances <= max(MIN_OUTLIER, OUTLIER_FACTOR * float(np.median(distances)))
    return source[is_inlier] + corner, target[is_inlier] + corner


def _check_both_ways(
    photo: GreyImage, moved_picture: GreyImage, corners: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Follow corners (N×1×2) into a moved picture, and tell which of them lead back."""
    follow = partial(cv2.calcOpticalFlowPyrLK, winSize=FLOW_WINDOW, maxLevel=PYRAMID_LEVELS)
    followed, is_followed, _ = follow(photo, moved_picture, corners, None)
    returned, is_returned, _ = follow(moved_picture, photo, followed, None)
    is_reliable = (is_followed & is_returned).ravel() > 0
    is_reliable &= np.linalg.norm((returned - corners)[:, 0], axis=1) < RETURN_LIMIT
    return followed, is_reliable


def _warp_region(
    grey_image: GreyImage, matrix: SimilarityMatrix, corner: Points, *, size: tuple[int, int]
) -> GreyImage:
    """Move a picture and return the part of it that begins at a corner, (x, y)."""
    region_matrix = matrix - np.column_stack([np.zeros((2, 2)), corner])
    return np.asarray(
        cv2.warpAffine(
            grey_image,
            region_matrix,
            size,
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT_101,
        ),
        np.uint8,
    )


def _compose_similarities(first: SimilarityMatrix, second: SimilarityMatrix) -> SimilarityMatrix:
    """Compose two similarities: the first is applied first."""
    return np.column_stack(
        [second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2] + second[:, 2]]
    )
