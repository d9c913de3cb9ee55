"""Measure a finished picture from its pixels alone, and reject what must not be shown."""

from dataclasses import dataclass

import cv2
import numpy as np

from headshots.engine import thresholds
from headshots.engine.analysis import faces, likeness, quality
from headshots.engine.errors import QualityTooLow
from headshots.engine.geometry import fit_similarity
from headshots.engine.io import encode
from headshots.engine.types import FACE_POINTS, Face, Facts, Image, Pixels


@dataclass(frozen=True, eq=False)
class OutputMeasurements:
    """A picture that may be shown, and what was measured of it; see RenderedVariant."""

    pixels: Pixels
    likeness: float
    skin_delta_e: float
    head_fraction: float
    eye_line: float


def check_output(
    image: Image,
    facts: Facts,
    reference_face: likeness.ReferenceFace,
    close_up: tuple[Image, Face],
    *,
    likeness_limit: float | None = None,
) -> OutputMeasurements:
    """Find the face in the finished picture and compare it with the photographed one.

    `close_up` is the photographed face as quality.crop_to_face returns it. `likeness_limit` is the
    largest allowed face distance where the face was repainted, None where it is the photographed
    one. Raises NoFace, SeveralFaces, LikenessTooLow or QualityTooLow.
    """
    pixels = encode.to_pixels(image)
    found_face = faces.choose_face(faces.find_faces(pixels))
    face_distance = reference_face.distance(pixels, found_face)
    likeness.require_likeness(
        face_distance,
        limit=thresholds.MAX_LIKENESS_DISTANCE if likeness_limit is None else likeness_limit,
    )
    aligned = image if likeness_limit is None else quality.align_face(image, found_face, facts.face)
    skin_change = _measure_skin_change(aligned, close_up[0], facts.face)
    eye_line = float(found_face.eyes[:, 1].mean()) / len(pixels)
    planned_eye_line = facts.head.eyes / len(pixels)
    if abs(eye_line - planned_eye_line) > thresholds.MAX_EYE_LINE_ERROR:
        raise QualityTooLow(f"The eye line is at {eye_line:.2f} instead of {planned_eye_line:.2f}.")
    head_fraction = _measure_head_height(found_face, facts) / len(pixels)
    return OutputMeasurements(pixels, face_distance, skin_change, head_fraction, eye_line)


def _measure_skin_change(aligned: Image, photo_close_up: Image, face: Face) -> float:
    """Return how far the skin differs from the photographed one; QualityTooLow if it is too far."""
    output_close_up, close_up_face = quality.crop_to_face(aligned, face)
    photo_close_up = cv2.resize(
        photo_close_up, output_close_up.shape[1::-1], interpolation=cv2.INTER_AREA
    )
    skin_change = quality.skin_delta_e(output_close_up, photo_close_up, close_up_face)
    if skin_change > thresholds.MAX_SKIN_DELTA_E:
        raise QualityTooLow(
            f"Skin would change its tone: ΔE {skin_change:.1f}, "
            f"the limit is {thresholds.MAX_SKIN_DELTA_E}."
        )
    return skin_change


def _measure_head_height(found_face: Face, facts: Facts) -> float:
    """Return the height of the head in the finished picture, in pixels.

    Chin and crown alone are only found to within three pixels; the scale of all landmarks is exact.
    """
    alignment = fit_similarity(
        facts.face.landmarks[:FACE_POINTS, :2], found_face.landmarks[:FACE_POINTS, :2]
    )
    return facts.head.height * float(np.hypot(*alignment[:, 0]))


def require_skin_tone(image: Image, previous_image: Image, face: Face) -> None:
    """Raise QualityTooLow where a repainted face has another skin tone than the photographed one.

    Raises NoFace or SeveralFaces where there is no face to compare. The repainted face is aligned
    with the photographed one by its landmarks, so that skin is compared with skin where the head
    turned.
    """
    found_face = faces.choose_face(faces.find_faces(np.round(image * 255).astype(np.uint8)))
    aligned = quality.align_face(image, found_face, face)
    painted_close_up = quality.crop_to_face(aligned, face)[0]
    photo_close_up = quality.crop_to_face(previous_image, face)
    angle_change = abs(
        quality.measure_skin_angle(painted_close_up, photo_close_up[1])
        - quality.measure_skin_angle(*photo_close_up)
    )
    tone_change = quality.skin_delta_e(painted_close_up, *photo_close_up, lightness=True)
    if not (
        angle_change <= thresholds.MAX_SKIN_ANGLE_CHANGE
        and tone_change <= thresholds.MAX_REPAINTED_DELTA_E
    ):
        raise QualityTooLow(
            f"The skin would change its tone: ITA by {angle_change:.1f}°, ΔE {tone_change:.1f};"
            f" the limits are {thresholds.MAX_SKIN_ANGLE_CHANGE:g}°"
            f" and {thresholds.MAX_REPAINTED_DELTA_E:g}."
        )
