"""`make bench-photos PHOTOS=folder`: what every photo of a folder gives, against the laws.

A photo is of the kind that its file name says before the last number: long-hair-2.jpg of
"long-hair". Files that begin with "unusable" must give nothing. Printed are, for each kind, the
photos that keep the law (at least MIN_LOOKS looks, MIN_IN_PLACE of them in the promised place),
likeness, and what the looks do to skin (benchmarks/skin_tone.py); then each law with what was
measured (benchmarks/laws.py), and every photo that breaks one and why.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import laws, skin_tone
from headshots.engine import recipes
from headshots.engine.errors import EngineError
from headshots.engine.io.decode import decode
from headshots.engine.render import Renderer
from headshots.engine.results import RejectedVariant, RenderedVariant

SAMPLE_FOLDER: Final = Path("headshots/samples")
SIZE: Final = 512  # pixels
UNUSABLE: Final = "unusable"
MIN_LOOKS, MIN_IN_PLACE = 9, 8
MAX_LIKENESS: Final = 0.25
TYPICAL_LIKENESS: Final = 0.12  # largest median of one photo


@dataclass(frozen=True)
class Outcome:
    """What one photo gave: likenesses of its looks, how many in place, and why not the others."""

    photo: str
    likenesses: tuple[float, ...]
    in_place: int
    reasons: tuple[str, ...]
    tone_changes: tuple[skin_tone.ToneChange, ...]

    @property
    def kind(self) -> str:
        """The file name without its number."""
        return self.photo.rstrip("0123456789").rstrip("-")

    @property
    def is_usable(self) -> bool:
        """Whether it must give headshots."""
        return not self.kind.startswith(UNUSABLE)

    @property
    def has_enough(self) -> bool:
        """Whether it gave enough looks, and enough of them in the promised place."""
        return len(self.likenesses) >= MIN_LOOKS and self.in_place >= MIN_IN_PLACE

    @property
    def keeps_law(self) -> bool:
        """Whether it gave what its kind must give."""
        if not self.is_usable:
            return not self.likenesses
        return (
            self.has_enough
            and max(self.likenesses) <= MAX_LIKENESS
            and median(self.likenesses) <= TYPICAL_LIKENESS
        )


def measure_photo(path: Path) -> Outcome:
    """Make all looks of a photo."""
    try:
        renderer = Renderer([decode(path.read_bytes())], size=SIZE)
        prepared = renderer.prepare_photo(0)
    except EngineError as error:
        return Outcome(path.stem, (), 0, (error.message,), ())
    results = list(renderer.render_all(recipes.built_in_looks().values()))
    variants = [result for result in results if isinstance(result, RenderedVariant)]
    return Outcome(
        path.stem,
        tuple(variant.likeness for variant in variants),
        sum(not variant.keeps_own_background for variant in variants),
        tuple(
            f"{result.look}: {result.error.message}"
            for result in results
            if isinstance(result, RejectedVariant)
        ),
        tuple(skin_tone.compare_tone(path.stem, prepared, variant) for variant in variants),
    )


def list_rows(outcomes: list[Outcome]) -> Iterator[str]:
    """Yield a row for each kind, and one for all usable photos."""
    kinds: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        kinds.setdefault(outcome.kind, []).append(outcome)
    kinds["all usable"] = [outcome for outcome in outcomes if outcome.is_usable]
    for kind, chosen in kinds.items():
        likenesses = [value for outcome in chosen for value in outcome.likenesses] or [0.0]
        looks = sum(len(outcome.likenesses) for outcome in chosen)
        in_place = sum(outcome.in_place for outcome in chosen)
        kept = sum(outcome.keeps_law for outcome in chosen)
        yield (
            f"{kind:24}{len(chosen):7}{kept / len(chosen):9.0%}{looks:7}{in_place:10}"
            f"{median(likenesses):10.3f}{max(likenesses):9.3f}"
        )


def list_laws(outcomes: list[Outcome]) -> Iterator[laws.Law]:
    """Yield every law with what was measured."""
    usable = [outcome for outcome in outcomes if outcome.is_usable]
    kinds: dict[str, list[bool]] = {}
    for outcome in usable:
        kinds.setdefault(outcome.kind, []).append(outcome.has_enough)
    likenesses = [value for outcome in outcomes for value in outcome.likenesses]
    title = f"usable photos with fewer than {MIN_LOOKS} looks, {MIN_IN_PLACE} in place"
    yield laws.count(title, [outcome.photo for outcome in usable if not outcome.has_enough])
    yield from laws.list_kind_laws({kind: sum(kept) / len(kept) for kind, kept in kinds.items()})
    if likenesses:
        yield laws.limit("median likeness", median(likenesses), TYPICAL_LIKENESS)
        yield laws.limit("largest likeness", max(likenesses), MAX_LIKENESS)
    yield laws.count(
        "usable photos refused", [outcome.photo for outcome in usable if not outcome.likenesses]
    )
    given = [item.photo for item in outcomes if not item.is_usable and item.likenesses]
    yield laws.count("unusable photos that give headshots", given)
    yield from laws.list_tone_laws([change for item in outcomes for change in item.tone_changes])


def main() -> None:
    """Measure all photos of the folder given on the command line, and print the tables."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE_FOLDER
    outcomes = []
    for path in sorted(folder.glob("*.jpg")):
        outcomes.append(measure_photo(path))
        print(path.stem, len(outcomes[-1].likenesses), file=sys.stderr, flush=True)
    titles = f"{'kind':24}{'photos':>7}{'kept':>9}{'looks':>7}{'in place':>10}"
    print(f"{titles}{'likeness':>10}{'largest':>9}")
    print(*list_rows(outcomes), sep="\n")
    skin_tone.print_table([change for outcome in outcomes for change in outcome.tone_changes])
    print(*list_laws(outcomes), sep="\n")
    for outcome in outcomes:
        if not outcome.keeps_law:
            looks = len(outcome.likenesses)
            print(f"{outcome.photo}: {looks} looks, {outcome.in_place} in place", outcome.reasons)


if __name__ == "__main__":
    main()
