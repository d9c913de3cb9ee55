"""`make bench-predictions PHOTOS=folder`: how often a photo gives what was predicted of it.

The prediction is right if exactly the predicted looks are made, each before its promised
background or on the photo's own, as predicted.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from headshots.engine import recipes
from headshots.engine.errors import EngineError
from headshots.engine.io.decode import decode
from headshots.engine.prediction import Prediction, predict
from headshots.engine.render import Renderer
from headshots.engine.results import RenderedVariant

SAMPLE_FOLDER = Path("headshots/samples")
SIZE = 256  # pixels: what is possible does not depend on the size, time does
MIN_RIGHT_SHARE = 0.95


@dataclass(frozen=True)
class Outcome:
    """What was predicted of a photo, and what it gave: looks, and those on its own background."""

    photo: str
    prediction: Prediction
    looks: frozenset[str]
    own_background: frozenset[str]

    @property
    def is_right(self) -> bool:
        """Whether everything happened as predicted."""
        return (
            self.looks == frozenset(self.prediction.looks)
            and self.own_background == frozenset(self.prediction.own_background) & self.looks
        )


def measure_photo(path: Path, looks: list[recipes.Recipe]) -> Outcome:
    """Predict what a photo gives, then render every look."""
    renderer = Renderer([], size=SIZE)
    try:
        renderer = Renderer([decode(path.read_bytes())], size=SIZE)
        prediction = predict(renderer.prepare_photo(0), looks)
    except EngineError as error:
        return Outcome(path.stem, predict(error, looks), frozenset(), frozenset())
    variants = [
        result for result in renderer.render_all(looks) if isinstance(result, RenderedVariant)
    ]
    kinds = {look.slug: look.step_params("backdrop").kind for look in looks}
    own_background = frozenset(
        variant.look
        for variant in variants
        if _backdrop_kind(variant) == "own" != kinds[variant.look]
    )
    rendered_looks = frozenset(variant.look for variant in variants)
    return Outcome(path.stem, prediction, rendered_looks, own_background)


def _backdrop_kind(variant: RenderedVariant) -> str:
    """Return the kind of background that a headshot was made with."""
    params = {step["name"]: step["params"] for step in variant.steps}
    return str(params["backdrop"]["kind"])


def main() -> None:
    """Measure and print every photo; fails if fewer than 95 % are right."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE_FOLDER
    looks = list(recipes.built_in_looks().values())
    outcomes = []
    for path in sorted(file for file in folder.iterdir() if file.suffix.lower() != ".md"):
        outcome = measure_photo(path, looks)
        outcomes.append(outcome)
        verdict = "" if outcome.is_right else "WRONG: "
        print(
            f"  {outcome.photo:30} {len(outcome.prediction.looks):2} predicted,"
            f" {len(outcome.looks):2} made. {verdict}{outcome.prediction.sentence}",
            flush=True,
        )
    right_share = sum(outcome.is_right for outcome in outcomes) / max(len(outcomes), 1)
    print(f"\n  prediction = outcome for {right_share:.1%} of {len(outcomes)} photos")
    if right_share < MIN_RIGHT_SHARE:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
