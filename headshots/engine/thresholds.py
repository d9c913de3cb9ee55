"""What a finished variant may measure at most to be shown."""

from typing import Final

LIKENESS: Final = 0.25  # two photos of one person are 0.35 apart, the nearest two people 0.64
SKIN: Final = 4.0  # ΔE00 of skin chroma; what looks ask for stays under 3
FRAMING: Final = 0.03  # of the frame, between wished and found eye line

# A face that was painted anew, by the person's wish:
LIKENESS_PAINTED: Final = 0.45  # at most, and never more than the person's own photos are apart
SKIN_ANGLE: Final = 3.0  # degrees of individual typology angle
SKIN_PAINTED: Final = 3.0  # median ΔE00 of skin, lightness included
CHANGED: Final = 0.005  # of the face that must visibly differ: less is nothing
