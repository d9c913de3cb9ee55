"""`make bench-skin PHOTOS=folder`: how far the looks move the tone of skin, by look and by group.

Skin is compared where it certainly is skin (analysis/landmarks.py, the core of the face): CIE L*
and the individual typology angle (ITA) of its median colour, in the finished headshot minus in the
photo. The groups are those of the photo's own ITA, with the bounds of A. Chardon, I. Cretois and
C. Hourseau, "Skin colour typology and suntanning pathways", International Journal of Cosmetic
Science 13, 1991: light above 41 degrees, dark below 10, tan between.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from headshots.engine import recipes
from headshots.engine.analysis import faces, quality
from headshots.engine.errors import EngineError
from headshots.engine.io.decode import decode
from headshots.engine.render import Renderer
from headshots.engine.results import PreparedPhoto, RenderedVariant
from headshots.engine.types import Face, Image

SAMPLE_FOLDER = Path("headshots/samples")
SIZE = 384  # pixels: tone does not depend on the size, time does
LIGHT_ANGLE, DARK_ANGLE = 41.0, 10.0  # degrees of ITA, Chardon et al. 1991
GROUPS = ("light", "tan", "dark")
LIGHTENED = 1.0  # L* by which skin counts as lightened: about what can just be noticed


@dataclass(frozen=True)
class ToneChange:
    """What one look did to the skin of one photo: differences of L* and of ITA in degrees."""

    photo: str
    group: str
    look: str
    lightness: float
    angle: float


def name_group(angle: float) -> str:
    """Return the group of skin with this individual typology angle, in degrees."""
    return "light" if angle > LIGHT_ANGLE else "tan" if angle >= DARK_ANGLE else "dark"


def measure_tone(close_up: Image, face: Face) -> tuple[float, float]:
    """Return the median L* and the ITA in degrees of the skin in a close-up of a face."""
    lightness = float(np.median(quality.skin_lightness(close_up, face)))
    return lightness, quality.measure_skin_angle(close_up, face)


def compare_tone(name: str, prepared: PreparedPhoto, variant: RenderedVariant) -> ToneChange:
    """Compare the skin of a finished headshot with that of its photo."""
    lightness_before, angle_before = measure_tone(*prepared.close_up)
    found_face = faces.choose_face(faces.find_faces(variant.pixels))
    picture = variant.pixels.astype(np.float32) / 255
    lightness, angle = measure_tone(*quality.crop_to_face(picture, found_face))
    return ToneChange(
        name,
        name_group(angle_before),
        variant.look,
        lightness - lightness_before,
        angle - angle_before,
    )


def measure_photo(path: Path) -> Iterator[ToneChange]:
    """Make all looks of a photo and yield what each did to the skin; nothing if it is unusable."""
    try:
        renderer = Renderer([decode(path.read_bytes())], size=SIZE)
        prepared = renderer.prepare_photo(0)
        for variant in renderer.render_all(recipes.built_in_looks().values()):
            if isinstance(variant, RenderedVariant):
                yield compare_tone(path.stem, prepared, variant)
    except EngineError as error:
        print(f"{path.stem}: {error}", file=sys.stderr)


def format_row(title: str, changes: list[ToneChange]) -> str:
    """Return a row: number, median changes of L* and ITA, share lightened."""
    lightened = sum(change.lightness > LIGHTENED for change in changes) / len(changes)
    return (
        f"{title:14}{len(changes):6}{median(change.lightness for change in changes):+9.1f}"
        f"{median(change.angle for change in changes):+9.1f}{lightened:11.0%}"
    )


def print_table(changes: list[ToneChange]) -> None:
    """Print the changes by look, each with the medians of the three groups, and by group."""
    print(f"{'':14}{'n':>6}{'dL*':>9}{'dITA':>9}{'lightened':>11}   dL* of {', '.join(GROUPS)}")
    for look in recipes.built_in_looks():
        chosen = [change for change in changes if change.look == look]
        if chosen:
            print(format_row(look, chosen), *(f"{value:+6.1f}" for value in _medians(chosen)))
    for group in GROUPS:
        chosen = [change for change in changes if change.group == group]
        if chosen:
            print(format_row(group, chosen))


def _medians(changes: list[ToneChange]) -> Iterator[float]:
    """Yield the median change of L* of each group; NaN for a group without photos."""
    for group in GROUPS:
        values = [change.lightness for change in changes if change.group == group]
        yield median(values) if values else float("nan")


def main() -> None:
    """Measure all photos of the folder given on the command line, and print the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE_FOLDER
    changes: list[ToneChange] = []
    for path in sorted(folder.glob("*.jpg")):
        changes.extend(measure_photo(path))
    print_table(changes)


if __name__ == "__main__":
    main()
