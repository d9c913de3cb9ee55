"""`make bench-diffusion`: time of the diffusion steps on this machine; MODEL=… names a model.

Without weights a stub of four steps stands in, so that the engine's own cost is measured.
"""

import resource
import sys
import time
from importlib import import_module

from benchmarks.engine import SAMPLE, Stopwatch, twelve_megapixels
from headshots import diffusion_pipeline, weights
from headshots.engine import recipes
from headshots.engine.diffusion.batch import Painter
from headshots.engine.diffusion.models import GIB
from headshots.engine.errors import ModelMissing
from headshots.engine.io.decode import decode
from headshots.engine.render import Studio
from tests.support.diffusion_pipelines import Noise

VARIANTS = 4


def chosen(name: str) -> tuple[Painter, str]:
    """Return the pipeline of this machine and its name, or a stub."""
    try:
        made = diffusion_pipeline.painter([name] if name else [])
    except ModelMissing as error:
        print(f"{error.message} A stub of four steps paints instead.\n")
        return Noise(), "stub"
    return made, name or weights.installed()[0][0].name


class Timed:
    """A pipeline whose own time is measured."""

    def __init__(self, painter: Painter) -> None:
        self.painter, self.notes, self.seconds = painter, painter.notes, 0.0

    def paint(self, asks, tell):
        begun = time.perf_counter()
        try:
            return self.painter.paint(asks, tell)
        finally:
            self.seconds += time.perf_counter() - begun


def own_cost(studio: Studio, timed: Timed, look: recipes.Recipe) -> tuple[dict[str, float], float]:
    """Return seconds per stage for all variants, and per variant without the pipeline."""
    watch = Stopwatch()
    timed.seconds = 0.0
    begun = time.perf_counter()
    watch("frame")
    for variant in studio.render_siblings(look, range(VARIANTS), watch=lambda _, step: watch(step)):
        watch("encode")
        getattr(variant, "encode", bytes)()
        watch("frame")
    watch("end")
    whole = time.perf_counter() - begun
    return dict(watch.total), (whole - timed.seconds) / VARIANTS


def peak_on_device() -> str:
    """Return the peak memory of the GPU in words, if there is one."""
    if not diffusion_pipeline.is_possible():
        return ""
    torch = import_module("torch")
    if not torch.cuda.is_available():
        return ""
    return f", {torch.cuda.max_memory_allocated() / GIB:.1f} GB on the GPU"


def main() -> None:
    """Measure a place, an outfit and both, at 1024 × 1024 pixels."""
    painter, name = chosen(sys.argv[1] if len(sys.argv) > 1 else "")
    timed = Timed(painter)
    studio = Studio([decode(twelve_megapixels(SAMPLE))], painter=timed)
    look = recipes.looks()["linkedin"]
    list(studio.render_siblings(look.repainted(place="a bright atelier"), [0]))  # warm
    print(f"{name}, {VARIANTS} variants at 1024 × 1024, milliseconds a variant\n")
    for title, words in (
        ("place", {"place": "a bright atelier"}),
        ("outfit", {"outfit": "a navy blazer"}),
        ("both", {"place": "a bright atelier", "outfit": "a navy blazer"}),
    ):
        stages, own = own_cost(studio, timed, look.repainted(**words))
        told = ", ".join(
            f"{stage} {1000 * spent / VARIANTS:.0f}" for stage, spent in stages.items()
        )
        painted = timed.seconds / VARIANTS
        times = f"painting {painted:6.2f} s, engine {own:5.2f} s a variant"
        print(f"  {title:7} {times}  ({told})")
    for note in painter.notes:
        print(f"  {note}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n  peak memory {peak:.0f} MB{peak_on_device()}")


if __name__ == "__main__":
    main()
