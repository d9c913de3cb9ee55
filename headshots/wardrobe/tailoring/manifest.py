"""The wardrobe's garments, and when their layers are up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from headshots.wardrobe.tailoring.blazer import Blazer
from headshots.wardrobe.tailoring.blocks import FITTED, KNITTED, STRAIGHT, Block
from headshots.wardrobe.tailoring.grids import Panel
from headshots.wardrobe.tailoring.knit import ROLL_BAND, Knit

SCRIPTS = Path(__file__).parent
WARDROBE = SCRIPTS.parent


@dataclass(frozen=True)
class Pattern:
    """How a garment is made: its name, cut and panels, and what it needs of the photo."""

    name: str
    needs: str
    block: Block
    panels: Callable[[Block], list[Panel]]


def _blazer_panels(block: Block) -> list[Panel]:
    return Blazer(block).panels()


def _roll_neck_panels(block: Block) -> list[Panel]:
    return Knit(block, ROLL_BAND).panels()


PATTERNS: Final = {
    "blazer": Pattern("Blazer, straight cut", "own_top", STRAIGHT, _blazer_panels),
    "fitted-blazer": Pattern("Blazer, fitted cut", "own_top", FITTED, _blazer_panels),
    "roll-neck": Pattern("Roll-neck sweater", "bare_neck", KNITTED, _roll_neck_panels),
}
# The scripts that decide what a garment looks like.
GEOMETRY_SCRIPTS: Final = (
    *("blocks.py", "grids.py", "sleeve.py", "blazer.py", "knit.py"),
    *("raycasting.py", "packing.py"),
)


def script_sha256() -> str:
    """Return the digest of the scripts; layers are up to date if garment.json has the same."""
    digest = hashlib.sha256()
    for name in GEOMETRY_SCRIPTS:
        digest.update((SCRIPTS / name).read_bytes())
    return digest.hexdigest()
