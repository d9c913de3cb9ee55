"""Limits that a finished variant must meet to be shown."""

from typing import Final

# Euclidean distance of two face descriptors (dlib's ResNet). Measured on the development photos:
# two photos of one person are 0.35 apart, the two most similar people 0.64.
MAX_LIKENESS_DISTANCE: Final = 0.25

# ΔE00 of skin, lightness aside. Measured: the built-in looks stay under 3.
MAX_SKIN_DELTA_E: Final = 4.0

# Share of the frame's side, between intended and measured eye line.
MAX_EYE_LINE_ERROR: Final = 0.03

# For a face that was repainted because the person asked for it:
MAX_REPAINTED_DISTANCE: Final = 0.45  # and never more than the person's own photos are apart
MAX_SKIN_ANGLE_CHANGE: Final = 3.0  # degrees of individual typology angle
MAX_REPAINTED_DELTA_E: Final = 3.0  # median ΔE00 of skin, lightness included
MIN_CHANGED_SHARE: Final = 0.005  # share of the face that must visibly differ for a change to count
