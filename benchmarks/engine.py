"""`make bench`: time per step, ten looks together against ten separate runs, and peak memory."""

import io
import resource
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from PIL import Image as Pillow

from headshots.engine import recipes
from headshots.engine.io.decode import decode
from headshots.engine.networks import perception
from headshots.engine.render import Renderer

SAMPLE_PHOTO = Path("headshots/samples/eileen-collins.jpg")
PHONE_PIXELS = 12e6
RUNS = 3  # times that each measurement is repeated; the median is printed


def enlarge_photo(path: Path) -> bytes:
    """Return the photo enlarged to 12 megapixels, the size of a phone's photos, as a JPEG."""
    picture = Pillow.open(path).convert("RGB")
    scale = (PHONE_PIXELS / (picture.width * picture.height)) ** 0.5
    target = io.BytesIO()
    size = (round(picture.width * scale), round(picture.height * scale))
    picture.resize(size, Pillow.Resampling.LANCZOS).save(target, "JPEG", quality=92)
    return target.getvalue()


class Stopwatch:
    """Adds up the time between calls, under the name that was given at the earlier one."""

    def __init__(self) -> None:
        self.total: dict[str, float] = defaultdict(float)
        self.last: tuple[str, float] | None = None

    def __call__(self, name: str) -> None:
        instant = time.perf_counter()
        if self.last:
            self.total[self.last[0]] += instant - self.last[1]
        self.last = (name, instant)


def time_together(data: bytes, looks: list[recipes.Recipe]) -> float:
    """Return the seconds for all looks from one photo, files included."""
    started_at = time.perf_counter()
    renderer = Renderer([decode(data)])
    for variant in renderer.render_all(looks):
        variant.encode()
    return time.perf_counter() - started_at


def time_separately(data: bytes, looks: list[recipes.Recipe]) -> float:
    """Return the same when the whole engine is run anew for each look."""
    return sum(time_together(data, [look]) for look in looks)


def time_steps(data: bytes, looks: list[recipes.Recipe]) -> tuple[dict[str, float], list[float]]:
    """Return seconds per step, summed over looks run one after another, and seconds per look."""
    stopwatch, look_times = Stopwatch(), []
    stopwatch("decode")
    pixels = decode(data)
    stopwatch("prepare")
    renderer = Renderer([pixels])
    renderer.prepare_photo(0)
    for look in looks:
        started_at = time.perf_counter()
        stopwatch("frame")
        variant = renderer.render(look, on_step=lambda _, step: stopwatch(step))
        stopwatch("encode")
        variant.encode()
        look_times.append(time.perf_counter() - started_at)
    stopwatch("end")
    return dict(stopwatch.total), look_times


def time_process(path: Path, looks: str = "all") -> float:
    """Return the seconds of a new process that makes these looks."""
    command = [sys.executable, "manage.py", "headshots", str(path), "--looks", looks]
    started_at = time.perf_counter()
    subprocess.run([*command, "--out", "var/bench", "--json"], check=True, capture_output=True)
    return time.perf_counter() - started_at


def measure_scene_cost(data: bytes) -> float:
    """Return how many milliseconds a scene with an accent costs over a plain background."""
    renderer = Renderer([decode(data)])
    scene_look = recipes.built_in_looks()["linkedin"].with_params("backdrop", accent="#0B6E4F")
    plain_look = scene_look.with_params("backdrop", kind="plain", scene="")
    renderer.render(scene_look)
    costs = []
    for _ in range(5 * RUNS):
        times = [time.perf_counter()]
        for look in (scene_look, plain_look):
            renderer.render(look)
            times.append(time.perf_counter())
        costs.append(1000 * ((times[1] - times[0]) - (times[2] - times[1])))
    return median(costs)


def main() -> None:
    """Measure and print everything."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE_PHOTO
    looks = list(recipes.built_in_looks().values())
    data = enlarge_photo(path)
    enlarged_path = Path("var/bench/twelve-megapixels.jpg")
    enlarged_path.parent.mkdir(parents=True, exist_ok=True)
    enlarged_path.write_bytes(data)
    perception.load_networks()
    time_together(data, looks)  # warm
    step_times, look_times = time_steps(data, looks)
    print(f"{path.name} at 12 megapixels, {len(looks)} looks at 1024 × 1024\n")
    for name, seconds in step_times.items():
        is_once_per_photo = name in ("decode", "prepare")
        print(
            f"  {name:12} {1000 * seconds / (1 if is_once_per_photo else len(looks)):7.0f} ms"
            f"{' once a photo' if is_once_per_photo else ' a look'}"
        )
    pairs = [(time_together(data, looks), time_separately(data, looks)) for _ in range(RUNS)]
    together_median, separate_median = (median(column) for column in zip(*pairs, strict=True))
    single_look = median(time_together(data, looks[:1]) for _ in range(RUNS))
    print(f"\n  together            {together_median:6.2f} s warm, two looks at a time")
    print(f"  each further look   {(together_median - single_look) / (len(looks) - 1):6.2f} s")
    print(f"  one after another   {median(look_times):6.2f} s a look")
    factor = separate_median / together_median
    print(f"  separate runs       {separate_median:6.2f} s: {factor:.1f} times as long, law: 4")
    process_time = median(time_process(enlarged_path) for _ in range(RUNS))
    separate_processes = sum(time_process(enlarged_path, look.slug) for look in looks)
    print(f"  cold process        {process_time:6.2f} s")
    factor = separate_processes / process_time
    print(f"  separate processes  {separate_processes:6.2f} s: {factor:.1f} times as long")
    print(f"  a scene adds        {measure_scene_cost(data):6.0f} ms to a look on a plain ground")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  peak memory         {peak:6.0f} MB, law: at most 800")


if __name__ == "__main__":
    main()
