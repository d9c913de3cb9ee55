"""Measure a finished picture from its pixels alone, and reject what must not be shown."""

from dataclasses import dataclass

import cv2
import numpy as np

from headshots.engine import thresholds
from headshots.engine.analysis import faces, likeness, quality
from headshots.engine.errors import QualityTooLow
from headshots.engine.geometry import similarity
from headshots.engine.io import encode
from headshots.engine.types import FACE_POINTS, Face, Facts, Image, Pixels


@dataclass(frozen=True, eq=False)
class Verdict:
    """A picture that may be shown, and what was measured of it; see RenderedVariant."""

    pixels: Pixels
    likeness: float
    skin_delta_e: float
    head_fraction: float
    eye_line: float


def judge(
    image: Image,
    facts: Facts,
    reference: likeness.Reference,
    close: tuple[Image, Face],
    *,
    limit: float | None = None,
) -> Verdict:
    """Find the face in the finished picture and compare it with the photographed one.

    `close_up` is the photographed face as quality.crop_to_face returns it. `limit` is the largest
    allowed face distance where the face itself was repainted, None where it is the photographed
    one. Raises NoFace, SeveralFaces, LikenessTooLow or QualityTooLow.
    """
    pixels = encode.to_pixels(image)
    shown = faces.choose_face(faces.find_faces(pixels))
    distance = reference.distance(pixels, shown)
    likeness.require_likeness(distance, limit=thresholds.LIKENESS if limit is None else limit)
    laid = image if limit is None else quality.laid_over(image, shown, facts.face)
    near, face = quality.close_up(laid, facts.face)
    before = cv2.resize(close[0], near.shape[1::-1], interpolation=cv2.INTER_AREA)
    skin = quality.skin_delta_e(near, before, face)
    if skin > thresholds.SKIN:
        raise QualityTooLow(
            f"Skin would change its tone: ΔE {skin:.1f}, the limit is {thresholds.SKIN}."
        )
    eye_line = float(shown.eyes[:, 1].mean()) / len(pixels)
    wanted = facts.head.eyes / len(pixels)
    if abs(eye_line - wanted) > thresholds.FRAMING:
        raise QualityTooLow(f"The eye line is at {eye_line:.2f} instead of {wanted:.2f}.")
    # Chin and crown alone are only found to within three pixels; the scale of all landmarks is
    # exact.
    move = similarity(facts.face.landmarks[:FACE_POINTS, :2], shown.landmarks[:FACE_POINTS, :2])
    head = facts.head.height * float(np.hypot(*move[:, 0])) / len(pixels)
    return Verdict(pixels, distance, skin, head, eye_line)


def require_skin(after: Image, before: Image, face: Face) -> None:
    """Raise QualityTooLow where a repainted face has another skin tone than the photographed one.

    Raises NoFace or SeveralFaces where there is no face to compare. The repainted face is aligned
    with the photographed one by its landmarks, so that skin is compared with skin where the head
    turned.
    """
    shown = faces.choose_face(faces.find_faces(np.round(after * 255).astype(np.uint8)))
    laid = quality.laid_over(after, shown, face)
    one, two = quality.close_up(laid, face)[0], quality.close_up(before, face)
    angle = abs(quality.skin_angle(one, two[1]) - quality.skin_angle(*two))
    apart = quality.skin_delta_e(one, *two, lightness=True)
    if not (angle <= thresholds.SKIN_ANGLE and apart <= thresholds.SKIN_PAINTED):
        raise QualityTooLow(
            f"The skin would change its tone: ITA by {angle:.1f}°, ΔE {apart:.1f};"
            f" the limits are {thresholds.SKIN_ANGLE:g}° and {thresholds.SKIN_PAINTED:g}."
        )
