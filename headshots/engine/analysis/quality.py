"""Numbers about a face in a picture that a page can explain: sharpness, light, noise, texture."""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000

from headshots.engine import color
from headshots.engine.analysis.landmarks import cheeks, core_mask
from headshots.engine.geometry import Transform, clip_box, crop, move_face, similarity
from headshots.engine.types import Box, Face, Image, Mask

FACE = 256.0  # pixels hairline to chin at which sharpness and noise are measured
PORES = 1 / 60  # of the face's height: below it lies the texture of skin


def close_up(image: Image, face: Face) -> tuple[Image, Face]:
    """The face alone at a fixed scale, so that numbers compare between photos."""
    low, high = face.landmarks[:468, :2].min(axis=0), face.landmarks[:468, :2].max(axis=0)
    margin = 0.05 * face.height
    around = Box(low[0] - margin, low[1] - margin, high[0] + margin, high[1] + margin)
    box = clip_box(around, width=image.shape[1], height=image.shape[0])
    scale = FACE / face.height
    view = cv2.resize(crop(image, box), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(view, np.float32), move_face(face, Transform(box.left, box.top, scale))


def laid_over(image: Image, shown: Face, face: Face) -> Image:
    """The picture moved so that the face it shows lies over another, by their landmarks."""
    move = similarity(shown.landmarks[:468, :2], face.landmarks[:468, :2])
    size = image.shape[1::-1]
    return np.asarray(
        cv2.warpAffine(image, move, size, borderMode=cv2.BORDER_REFLECT_101), np.float32
    )


def sharpness(face_image: Image, face: Face) -> float:
    """RMS of the Laplacian of L over eyes, brows and mouth of a close-up: 0 blurred."""
    light = color.to_lab(face_image)[..., 0]
    edges = cv2.Laplacian(cv2.GaussianBlur(light, (0, 0), 1.0), cv2.CV_32F)
    low, high = face.landmarks[[70, 300], 1].min(), face.landmarks[17, 1]
    rows = edges[max(0, int(low)) : max(1, int(high))]
    return float(np.sqrt(np.mean(rows**2)))


def skin_light(face_image: Image, face: Face) -> NDArray[np.float32]:
    """L of the pixels of the face core."""
    light = color.to_lab(face_image)[..., 0]
    return np.asarray(light[core_mask(face, light.shape) > 0], np.float32)


def evenness(face_image: Image, face: Face) -> float:
    """ΔL between both halves of the face core."""
    light = color.to_lab(face_image)[..., 0]
    core = core_mask(face, light.shape) > 0
    middle = float(face.landmarks[[1, 4, 168, 152], 0].mean())
    columns = np.broadcast_to(np.arange(light.shape[1]), light.shape)
    halves = [light[core & side] for side in (columns < middle, columns >= middle)]
    if min(half.size for half in halves) == 0:
        return 0.0
    return float(abs(np.median(halves[0]) - np.median(halves[1])))


def noise(face_image: Image, face: Face) -> float:
    """Standard deviation of the noise in L on the cheeks (Immerkær 1996), robust to wrinkles."""
    light = color.to_lab(face_image)[..., 0]
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(light, -1, kernel))[cheeks(face, light.shape) > 0]
    return float(np.median(response) / 0.6745 / 6) if response.size else 0.0


def texture(image: Image, face: Face) -> float:
    """High-frequency energy of cheek skin: RMS of L minus its local mean, over the mean of L."""
    light = color.to_lab(image)[..., 0]
    where = cheeks(face, light.shape) > 0
    fine = light - cv2.GaussianBlur(light, (0, 0), PORES * face.height)
    return float(np.sqrt(np.mean(fine[where] ** 2)) / max(float(light[where].mean()), 1.0))


def skin_angle(face_image: Image, face: Face) -> float:
    """Individual typology angle of the face core, degrees: high is light (Chardon et al. 1991)."""
    core = core_mask(face, face_image.shape) > 0
    light, _, yellow = np.median(color.to_lab(face_image)[core], axis=0)
    return float(np.degrees(np.arctan2(light - 50, yellow)))


def skin_delta_e(image: Image, source: Image, face: Face, *, lightness: bool = False) -> float:
    """Median ΔE00 of the face core between two aligned close-ups; lightness aside, as a rule."""
    core = core_mask(face, image.shape) > 0
    one, two = (color.to_lab(each)[core] for each in (image, source))
    if not lightness:
        one[:, 0] = two[:, 0]
    return float(np.median(deltaE_ciede2000(one, two)))  # type: ignore[no-untyped-call]


def clipped(image: Image, mask: Mask) -> float:
    """Share of the masked pixels that are pure white or pure black."""
    values = image[mask > 0]
    if values.size == 0:
        return 0.0
    return float(np.mean((values.min(axis=1) > 0.995) | (values.max(axis=1) < 0.005)))
