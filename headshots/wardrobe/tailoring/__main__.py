"""Compute the wardrobe's layers: python -m headshots.wardrobe.tailoring [GARMENT ...]."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from headshots.wardrobe.tailoring import manifest, packing, raycasting

PICTURE_WIDTH = 1100  # pixels
CREDITS = "Modelled in code and lit by ray casting for this project; no third-party assets."


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m headshots.wardrobe.tailoring")
    parser.add_argument("garments", nargs="*", metavar="GARMENT")
    parser.add_argument("--width", type=int, default=PICTURE_WIDTH)
    parser.add_argument("--out", type=Path, default=manifest.WARDROBE)
    options = parser.parse_args()
    for slug in options.garments or manifest.PATTERNS:
        write_garment(slug, options.out / slug, options.width)


def write_garment(slug: str, folder: Path, width: int) -> None:
    """Compute all layers of a garment and write them with garment.json."""
    started_at = time.monotonic()
    pattern = manifest.PATTERNS[slug]
    block = pattern.block
    surface = raycasting.find_surface(pattern.panels(block), width)
    transfer = raycasting.compute_transfer(surface, width, block.neck)
    packed, ranges = packing.pack(surface, transfer)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "layers.webp").write_bytes(packed)
    description = {
        "name": pattern.name,
        "needs": pattern.needs,
        "width": raycasting.PICTURE_WIDTH,
        "top": raycasting.PICTURE_TOP,
        "bottom": raycasting.PICTURE_BOTTOM,
        "camera_distance": raycasting.CAMERA_DISTANCE,
        "camera_height": raycasting.CAMERA_HEIGHT,
        "neck_width": round(2 * raycasting.NECK[1][0] * block.neck, 2),
        "shoulder": block.shoulder,
        "size": list(surface.alpha.shape),
        "ranges": ranges,
        "script_sha256": manifest.script_sha256(),
        "credits": CREDITS,
    }
    (folder / "garment.json").write_text(json.dumps(description, indent=1) + "\n")
    print(f"{slug}: {time.monotonic() - started_at:.0f} s, {len(packed)} bytes", flush=True)


if __name__ == "__main__":
    main()
