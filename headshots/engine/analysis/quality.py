"""Measure a face in a picture: sharpness, light, noise, texture and skin tone."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000

from headshots.engine import color
from headshots.engine.analysis.landmarks import cheeks, core_mask
from headshots.engine.geometry import Transform, clip_box, crop, move_face, similarity
from headshots.engine.types import FACE_POINTS, Box, Face, Image, Mask

FACE = 256.0  # pixels, hairline to chin, of the close-up in which sharpness and noise are measured
MARGIN = 0.05  # around the landmarks in a close-up, over the face's height

EDGE_SIGMA = 1.0  # pixels of the close-up: noise below this scale does not count as sharpness
# Mesh points that bound eyes, brows and mouth: top of both brows, bottom of the lower lip.
BROW_TOPS = [70, 300]
LOWER_LIP = 17
MIDLINE = [1, 4, 168, 152]  # mesh points on the nose, between the eyes, and on the chin

# The 3×3 kernel of J. Immerkær, "Fast Noise Variance Estimation", Computer Vision and Image
# Understanding 64(2), 1996: independent noise of standard deviation σ comes out with 6σ.
NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
NOISE_GAIN = 6
MEDIAN_TO_SIGMA = 0.6745  # median of |x| for a normal distribution of standard deviation 1

PORES = 1 / 60  # standard deviation over the face's height; below it lies the texture of skin
MID_LIGHTNESS = 50  # L from which the individual typology angle is counted

# sRGB-encoded values beyond which a pixel counts as pure white or black: about one level of 255.
WHITE = 0.995
BLACK = 0.005


def close_up(image: Image, face: Face) -> tuple[Image, Face]:
    """Crop to the face and scale it to FACE pixels, so that numbers compare between photos.

    Returns the crop and the face in its pixels.
    """
    points = face.landmarks[:FACE_POINTS, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    margin = MARGIN * face.height
    around = Box(low[0] - margin, low[1] - margin, high[0] + margin, high[1] + margin)
    box = clip_box(around, width=image.shape[1], height=image.shape[0])
    scale = FACE / face.height
    view = cv2.resize(crop(image, box), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(view, np.float32), move_face(face, Transform(box.left, box.top, scale))


def laid_over(image: Image, shown: Face, face: Face) -> Image:
    """Warp the picture so that the face it shows lies over another one.

    `shown` is the face in the picture, `face` the one to align it with; a similarity transform of
    their landmarks is used.
    """
    move = similarity(shown.landmarks[:FACE_POINTS, :2], face.landmarks[:FACE_POINTS, :2])
    size = image.shape[1::-1]
    return np.asarray(
        cv2.warpAffine(image, move, size, borderMode=cv2.BORDER_REFLECT_101), np.float32
    )


def sharpness(face_image: Image, face: Face) -> float:
    """Compute the RMS of the Laplacian of L over eyes, brows and mouth of a close-up."""
    light = color.to_lab(face_image)[..., 0]
    edges = cv2.Laplacian(cv2.GaussianBlur(light, (0, 0), EDGE_SIGMA), cv2.CV_32F)
    low, high = face.landmarks[BROW_TOPS, 1].min(), face.landmarks[LOWER_LIP, 1]
    rows = edges[max(0, int(low)) : max(1, int(high))]
    return float(np.sqrt(np.mean(rows**2)))


def skin_light(face_image: Image, face: Face) -> NDArray[np.float32]:
    """Return the lightness L of the pixels of the face core, as a vector."""
    light = color.to_lab(face_image)[..., 0]
    return np.asarray(light[core_mask(face, light.shape) > 0], np.float32)


def evenness(face_image: Image, face: Face) -> float:
    """Compute the difference of median L between the left and right half of the face core."""
    light = color.to_lab(face_image)[..., 0]
    core = core_mask(face, light.shape) > 0
    middle = float(face.landmarks[MIDLINE, 0].mean())
    columns = np.broadcast_to(np.arange(light.shape[1]), light.shape)
    halves = [light[core & side] for side in (columns < middle, columns >= middle)]
    if min(half.size for half in halves) == 0:
        return 0.0
    return float(abs(np.median(halves[0]) - np.median(halves[1])))


def noise(face_image: Image, face: Face) -> float:
    """Estimate the standard deviation of the noise in L on the cheeks; see NOISE_KERNEL.

    The median makes it robust to wrinkles.
    """
    light = color.to_lab(face_image)[..., 0]
    response = np.abs(cv2.filter2D(light, -1, NOISE_KERNEL))[cheeks(face, light.shape) > 0]
    return float(np.median(response) / MEDIAN_TO_SIGMA / NOISE_GAIN) if response.size else 0.0


def texture(image: Image, face: Face) -> float:
    """Compute the texture of cheek skin: RMS of L minus its local mean, over the mean of L."""
    light = color.to_lab(image)[..., 0]
    where = cheeks(face, light.shape) > 0
    fine = light - cv2.GaussianBlur(light, (0, 0), PORES * face.height)
    return float(np.sqrt(np.mean(fine[where] ** 2)) / max(float(light[where].mean()), 1.0))


def skin_angle(face_image: Image, face: Face) -> float:
    """Compute the individual typology angle of the face core in degrees: high is light skin.

    atan2(L - 50, b) of the median colour: A. Chardon, I. Cretois and C. Hourseau, "Skin colour
    typology and suntanning pathways", International Journal of Cosmetic Science 13, 1991.
    """
    core = core_mask(face, face_image.shape) > 0
    light, _, yellow = np.median(color.to_lab(face_image)[core], axis=0)
    return float(np.degrees(np.arctan2(light - MID_LIGHTNESS, yellow)))


def skin_delta_e(image: Image, source: Image, face: Face, *, lightness: bool = False) -> float:
    """Compute the median ΔE00 of the face core between two aligned close-ups of one size.

    `face` is the face in both. Differences of lightness count only if `lightness` is true.
    """
    core = core_mask(face, image.shape) > 0
    one, two = (color.to_lab(each)[core] for each in (image, source))
    if not lightness:
        one[:, 0] = two[:, 0]
    return float(np.median(deltaE_ciede2000(one, two)))  # type: ignore[no-untyped-call]


def clipped(image: Image, mask: Mask) -> float:
    """Compute the share of the masked pixels that are pure white or pure black."""
    values = image[mask > 0]
    if values.size == 0:
        return 0.0
    return float(np.mean((values.min(axis=1) > WHITE) | (values.max(axis=1) < BLACK)))
