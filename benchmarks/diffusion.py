"""`make bench-diffusion`: time of the diffusion steps on this machine; MODEL=… names a model.

Without weights a stub of four steps stands in, so that the engine's own cost is measured.
"""

import resource
import sys
import time
from importlib import import_module

from benchmarks.engine import SAMPLE_PHOTO, Stopwatch, enlarge_photo
from headshots.diffusion import setup as diffusion_setup
from headshots.diffusion import weights
from headshots.engine import recipes
from headshots.engine.diffusion.batch import DiffusionPipeline
from headshots.engine.diffusion.models import GIB
from headshots.engine.errors import ModelMissing
from headshots.engine.io.decode import decode
from headshots.engine.render import Renderer
from tests.support.diffusion_pipelines import NoisePipeline

VARIANT_COUNT = 4


def choose_pipeline(name: str) -> tuple[DiffusionPipeline, str]:
    """Return the pipeline of this machine and its name, or a stub."""
    try:
        pipeline = diffusion_setup.get_pipeline([name] if name else [])
    except ModelMissing as error:
        print(f"{error.message} A stub of four steps paints instead.\n")
        return NoisePipeline(), "stub"
    return pipeline, name or weights.installed_tiers()[0][0].name


class TimedPipeline:
    """A pipeline whose own time is measured."""

    def __init__(self, pipeline: DiffusionPipeline) -> None:
        self.pipeline, self.notes, self.seconds = pipeline, pipeline.notes, 0.0

    def run(self, requests, on_progress):
        started_at = time.perf_counter()
        try:
            return self.pipeline.run(requests, on_progress)
        finally:
            self.seconds += time.perf_counter() - started_at


def measure_engine_cost(
    renderer: Renderer, timed: TimedPipeline, look: recipes.Recipe
) -> tuple[dict[str, float], float]:
    """Return seconds per stage for all variants, and per variant without the pipeline."""
    stopwatch = Stopwatch()
    timed.seconds = 0.0
    started_at = time.perf_counter()
    stopwatch("frame")
    for variant in renderer.render_variants(
        look, range(VARIANT_COUNT), on_step=lambda _, step: stopwatch(step)
    ):
        stopwatch("encode")
        getattr(variant, "encode", bytes)()
        stopwatch("frame")
    stopwatch("end")
    whole = time.perf_counter() - started_at
    return dict(stopwatch.total), (whole - timed.seconds) / VARIANT_COUNT


def peak_on_device() -> str:
    """Return the peak memory of the GPU in words, if there is one."""
    if not diffusion_setup.is_possible():
        return ""
    torch = import_module("torch")
    if not torch.cuda.is_available():
        return ""
    return f", {torch.cuda.max_memory_allocated() / GIB:.1f} GB on the GPU"


def main() -> None:
    """Measure a place, an outfit and both, at 1024 × 1024 pixels."""
    pipeline, name = choose_pipeline(sys.argv[1] if len(sys.argv) > 1 else "")
    timed = TimedPipeline(pipeline)
    renderer = Renderer([decode(enlarge_photo(SAMPLE_PHOTO))], pipeline=timed)
    look = recipes.built_in_looks()["linkedin"]
    list(renderer.render_variants(look.with_diffusion(place="a bright atelier"), [0]))  # warm
    print(f"{name}, {VARIANT_COUNT} variants at 1024 × 1024, milliseconds a variant\n")
    for title, wishes in (
        ("place", {"place": "a bright atelier"}),
        ("outfit", {"outfit": "a navy blazer"}),
        ("both", {"place": "a bright atelier", "outfit": "a navy blazer"}),
    ):
        stages, engine_cost = measure_engine_cost(renderer, timed, look.with_diffusion(**wishes))
        stage_list = ", ".join(
            f"{stage} {1000 * spent / VARIANT_COUNT:.0f}" for stage, spent in stages.items()
        )
        diffusion_time = timed.seconds / VARIANT_COUNT
        times = f"painting {diffusion_time:6.2f} s, engine {engine_cost:5.2f} s a variant"
        print(f"  {title:7} {times}  ({stage_list})")
    for note in pipeline.notes:
        print(f"  {note}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n  peak memory {peak:.0f} MB{peak_on_device()}")


if __name__ == "__main__":
    main()
