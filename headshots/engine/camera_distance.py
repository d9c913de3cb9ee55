"""Measure how far the camera was from a face, from the size of its irises."""

from typing import Final

import numpy as np

from headshots.engine.analysis.input_checks import Check
from headshots.engine.types import Face

# The iris has nearly the same size in all adults: 11.71 ± 0.42 mm (F. Rüfer, A. Schröder and
# C. Erb, "White-to-White Corneal Diameter", Cornea 24(3), 2005).
IRIS_DIAMETER: Final = 1.17  # centimetres
# MediaPipe Face Mesh indices: opposite points of the rim of either iris.
IRIS_DIAMETERS: Final = ((469, 471), (470, 472), (474, 476), (475, 477))

# Nearer than about 60 cm a nose visibly grows (R. Bryan, P. Perona and R. Adolphs, "Perspective
# Distortion from Interpersonal Distance Is an Implicit Visual Cue for Social Judgments of Faces",
# PLoS ONE 7(9), 2012, compare 45 cm with 135 cm). The iris is measured to within a tenth, so that
# a face that seems to be nearer than this is.
MIN_DISTANCE: Final = 55.0  # centimetres


def measure_distance(face: Face, focal_length: float) -> float:
    """Compute the distance between camera and eyes in centimetres, by similar triangles.

    Lengths of `face` and `focal_length` are pixels of the photo.
    """
    rim = face.landmarks[np.array(IRIS_DIAMETERS), :2]
    iris_diameter = float(np.linalg.norm(rim[:, 0] - rim[:, 1], axis=1).mean())
    return focal_length * IRIS_DIAMETER / iris_diameter


def check_distance(face: Face, focal_length: float) -> Check:
    """Check that the camera was not at arm's length; lengths are pixels of the photo.

    The name is that of ISO/IEC 29794-5.
    """
    distance = round(measure_distance(face, focal_length))
    is_near = distance < MIN_DISTANCE
    return Check(
        name="camera_subject_distance",
        ok=not is_near,
        value=distance,
        limit=MIN_DISTANCE,
        problem="The camera was so near that it makes your nose look larger." * is_near,
        advice="Hold the camera further away, then zoom in." * is_near,
    )
