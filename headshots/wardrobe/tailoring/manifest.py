"""The wardrobe's garments, and when their layers are up to date."""

from __future__ import annotations

import hashlib
from pathlib import Path

from headshots.wardrobe.tailoring.blocks import FITTED, STRAIGHT, Block

SCRIPTS = Path(__file__).parent
WARDROBE = SCRIPTS.parent
BLOCKS: dict[str, Block] = {"blazer": STRAIGHT, "fitted-blazer": FITTED}  # by garment
NAMES = {"blazer": "Blazer, straight cut", "fitted-blazer": "Blazer, fitted cut"}
# The scripts that decide what a garment looks like.
GEOMETRY_SCRIPTS = ("blocks.py", "blazer.py", "raycasting.py", "packing.py")


def script_sha256() -> str:
    """Return the digest of the scripts; layers are up to date if garment.json has the same."""
    digest = hashlib.sha256()
    for name in GEOMETRY_SCRIPTS:
        digest.update((SCRIPTS / name).read_bytes())
    return digest.hexdigest()
