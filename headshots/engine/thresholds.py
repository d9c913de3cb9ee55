"""Limits that a finished variant must meet to be shown."""

from typing import Final

# Euclidean distance of two face descriptors (dlib's ResNet). Measured on the development photos:
# two photos of one person are 0.35 apart, the two most similar people 0.64.
LIKENESS: Final = 0.25

# ΔE00 of skin, lightness aside. Measured: the built-in looks stay under 3.
SKIN: Final = 4.0

FRAMING: Final = 0.03  # share of the frame's side, between intended and measured eye line

# For a face that was repainted because the person asked for it:
LIKENESS_PAINTED: Final = 0.45  # and never more than the person's own photos are apart
SKIN_ANGLE: Final = 3.0  # degrees of individual typology angle
SKIN_PAINTED: Final = 3.0  # median ΔE00 of skin, lightness included
CHANGED: Final = 0.005  # share of the face that must visibly differ for a change to count
