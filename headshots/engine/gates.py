"""What a finished variant may measure at most to be shown."""

from typing import Final

LIKENESS: Final = 0.25  # two photos of one person are 0.35 apart, the nearest two people 0.64
SKIN: Final = 4.0  # ΔE00 of skin chroma; what looks ask for stays under 3
FRAMING: Final = 0.03  # of the frame, between wished and found eye line
