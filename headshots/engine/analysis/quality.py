"""Measure a face in a picture: sharpness, light, noise, texture and skin tone."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000

from headshots.engine import color
from headshots.engine.analysis.landmarks import cheek_mask, core_mask
from headshots.engine.geometry import Transform, clip_box, crop_to_box, fit_similarity, move_face
from headshots.engine.types import FACE_POINTS, Box, Face, Image, Mask

# Pixels, hairline to chin, of the close-up in which sharpness and noise are measured.
CLOSE_UP_HEIGHT = 256.0
CLOSE_UP_MARGIN = 0.05  # around the landmarks in a close-up, over the face's height

EDGE_SIGMA = 1.0  # pixels of the close-up: noise below this scale does not count as sharpness
# Motion blur: differences over these distances, in pixels of the close-up, in these directions.
# Measured: sharp faces have 0.23 or more in every direction; blurred by 3.5 % of their height, 0.21
# along the movement.
DETAIL_DISTANCES = (1.5, 8.0)
MOTION_ANGLES = np.radians(np.arange(0, 180, 15))
BLURRED_DETAIL = 0.22
MIN_DIFFERENCE = 1e-3  # L; keeps the division finite
# Mesh points that bound eyes, brows and mouth: top of both brows, bottom of the lower lip.
BROW_TOPS = [70, 300]
LOWER_LIP = 17
MIDLINE = [1, 4, 168, 152]  # mesh points on the nose, between the eyes, and on the chin

# The 3×3 kernel of J. Immerkær, "Fast Noise Variance Estimation", Computer Vision and Image
# Understanding 64(2), 1996: independent noise of standard deviation σ comes out with 6σ.
NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
NOISE_GAIN = 6
MEDIAN_TO_SIGMA = 0.6745  # median of |x| for a normal distribution of standard deviation 1

PORE_SIZE = 1 / 60  # standard deviation over the face's height; below it lies the texture of skin
MID_LIGHTNESS = 50  # L from which the individual typology angle is counted

# sRGB-encoded values beyond which a pixel counts as pure white or black: about one level of 255.
WHITE = 0.995
BLACK = 0.005


def crop_to_face(image: Image, face: Face) -> tuple[Image, Face]:
    """Crop to the face and scale it to FACE pixels, so that numbers compare between photos.

    Returns the crop and the face in its pixels.
    """
    landmarks = face.landmarks[:FACE_POINTS, :2]
    lowest, highest = landmarks.min(axis=0), landmarks.max(axis=0)
    margin = CLOSE_UP_MARGIN * face.height
    face_box = Box(lowest[0] - margin, lowest[1] - margin, highest[0] + margin, highest[1] + margin)
    clipped_box = clip_box(face_box, width=image.shape[1], height=image.shape[0])
    scale = CLOSE_UP_HEIGHT / face.height
    face_image = cv2.resize(
        crop_to_box(image, clipped_box), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    )
    return np.asarray(face_image, np.float32), move_face(
        face, Transform(clipped_box.left, clipped_box.top, scale)
    )


def align_face(image: Image, shown_face: Face, target_face: Face) -> Image:
    """Warp the picture so that the face it shows lies over another one.

    `shown_face` is the face in the picture, `target_face` the one to align it with; a similarity
    transform of their landmarks is used.
    """
    alignment = fit_similarity(
        shown_face.landmarks[:FACE_POINTS, :2], target_face.landmarks[:FACE_POINTS, :2]
    )
    size = image.shape[1::-1]
    return np.asarray(
        cv2.warpAffine(image, alignment, size, borderMode=cv2.BORDER_REFLECT_101), np.float32
    )


def measure_sharpness(face_image: Image, face: Face) -> float:
    """Compute the RMS of the Laplacian of L over eyes, brows and mouth of a close-up."""
    lightness = color.to_lab(face_image)[..., 0]
    edges = cv2.Laplacian(cv2.GaussianBlur(lightness, (0, 0), EDGE_SIGMA), cv2.CV_32F)
    top_row, bottom_row = face.landmarks[BROW_TOPS, 1].min(), face.landmarks[LOWER_LIP, 1]
    rows = edges[max(0, int(top_row)) : max(1, int(bottom_row))]
    return float(np.sqrt(np.mean(rows**2)))


def measure_motion_blur(face_image: Image, face: Face) -> float:
    """Measure by how much less detail there is in one direction than across it, [0, 1].

    0 where every direction has detail: movement blurs one of them, at any angle, while a lack of
    focus blurs all.
    """
    lightness = color.to_lab(face_image)[..., 0]
    smooth = cv2.GaussianBlur(lightness, (0, 0), EDGE_SIGMA)
    top_row, bottom_row = face.landmarks[BROW_TOPS, 1].min(), face.landmarks[LOWER_LIP, 1]
    rows = slice(max(0, int(top_row)), max(1, int(bottom_row)))
    details = [_measure_detail(smooth, rows, angle) for angle in MOTION_ANGLES]
    return 1 - min(details) / max(details) if min(details) < BLURRED_DETAIL else 0.0


def _measure_detail(lightness: Mask, rows: slice, angle: float) -> float:
    """Compute the RMS of fine differences in a direction over that of coarse ones, in some rows."""
    direction = np.array([np.cos(angle), np.sin(angle)])
    fine, coarse = (
        np.sqrt(np.mean((lightness - _shift(lightness, distance * direction))[rows] ** 2))
        for distance in DETAIL_DISTANCES
    )
    return float(fine / max(float(coarse), MIN_DIFFERENCE))


def _shift(picture: Mask, offset: NDArray[np.float64]) -> Mask:
    """Shift a picture by an offset (x, y) in pixels; its edges are repeated."""
    matrix = np.array([[1, 0, offset[0]], [0, 1, offset[1]]])
    size = picture.shape[1::-1]
    return np.asarray(cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE))


def skin_lightness(face_image: Image, face: Face) -> NDArray[np.float32]:
    """Return the lightness L of the pixels of the face core, as a vector."""
    lightness = color.to_lab(face_image)[..., 0]
    return np.asarray(lightness[core_mask(face, lightness.shape) > 0], np.float32)


def measure_unevenness(face_image: Image, face: Face) -> float:
    """Compute the difference of median L between the left and right half of the face core."""
    lightness = color.to_lab(face_image)[..., 0]
    core_area = core_mask(face, lightness.shape) > 0
    middle_column = float(face.landmarks[MIDLINE, 0].mean())
    columns = np.broadcast_to(np.arange(lightness.shape[1]), lightness.shape)
    halves = [
        lightness[core_area & is_on_side]
        for is_on_side in (columns < middle_column, columns >= middle_column)
    ]
    if min(half_lightness.size for half_lightness in halves) == 0:
        return 0.0
    return float(abs(np.median(halves[0]) - np.median(halves[1])))


def measure_noise(face_image: Image, face: Face) -> float:
    """Estimate the standard deviation of the noise in L on the cheeks; see NOISE_KERNEL.

    The median makes it robust to wrinkles.
    """
    lightness = color.to_lab(face_image)[..., 0]
    response = np.abs(cv2.filter2D(lightness, -1, NOISE_KERNEL))[
        cheek_mask(face, lightness.shape) > 0
    ]
    return float(np.median(response) / MEDIAN_TO_SIGMA / NOISE_GAIN) if response.size else 0.0


def measure_texture(image: Image, face: Face) -> float:
    """Compute the texture of cheek skin: RMS of L minus its local mean, over the mean of L."""
    lightness = color.to_lab(image)[..., 0]
    cheek_area = cheek_mask(face, lightness.shape) > 0
    fine_detail = lightness - cv2.GaussianBlur(lightness, (0, 0), PORE_SIZE * face.height)
    return float(
        np.sqrt(np.mean(fine_detail[cheek_area] ** 2))
        / max(float(lightness[cheek_area].mean()), 1.0)
    )


def measure_skin_angle(face_image: Image, face: Face) -> float:
    """Compute the individual typology angle of the face core in degrees: high is light skin.

    atan2(L - 50, b) of the median colour: A. Chardon, I. Cretois and C. Hourseau, "Skin colour
    typology and suntanning pathways", International Journal of Cosmetic Science 13, 1991.
    """
    core_area = core_mask(face, face_image.shape) > 0
    lightness, _, yellow = np.median(color.to_lab(face_image)[core_area], axis=0)
    return float(np.degrees(np.arctan2(lightness - MID_LIGHTNESS, yellow)))


def skin_delta_e(
    image: Image, reference_image: Image, face: Face, *, lightness: bool = False
) -> float:
    """Compute the median ΔE00 of the face core between two aligned close-ups of one size.

    `face` is the face in both. Differences of lightness count only if `lightness` is true.
    """
    core_area = core_mask(face, image.shape) > 0
    colors, reference_colors = (
        color.to_lab(picture)[core_area] for picture in (image, reference_image)
    )
    if not lightness:
        colors[:, 0] = reference_colors[:, 0]
    return float(np.median(deltaE_ciede2000(colors, reference_colors)))  # type: ignore[no-untyped-call]


def clipped_share(image: Image, mask: Mask) -> float:
    """Compute the share of the masked pixels that are pure white or pure black."""
    values = image[mask > 0]
    if values.size == 0:
        return 0.0
    return float(np.mean((values.min(axis=1) > WHITE) | (values.max(axis=1) < BLACK)))
