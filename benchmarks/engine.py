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
from headshots.engine.render import Studio

SAMPLE = Path("headshots/samples/eileen-collins.jpg")
MEGAPIXELS = 12e6
RUNS = 3  # times that each measurement is repeated; the median is printed


def twelve_megapixels(path: Path) -> bytes:
    """Return the photo enlarged to 12 megapixels, the size of a phone's photos, as a JPEG."""
    picture = Pillow.open(path).convert("RGB")
    scale = (MEGAPIXELS / (picture.width * picture.height)) ** 0.5
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
        now = time.perf_counter()
        if self.last:
            self.total[self.last[0]] += now - self.last[1]
        self.last = (name, now)


def together(data: bytes, looks: list[recipes.Recipe]) -> float:
    """Return the seconds for all looks from one photo, files included."""
    begun = time.perf_counter()
    studio = Studio([decode(data)])
    for variant in studio.render_all(looks):
        variant.encode()
    return time.perf_counter() - begun


def separately(data: bytes, looks: list[recipes.Recipe]) -> float:
    """Return the same when the whole engine is run anew for each look."""
    return sum(together(data, [look]) for look in looks)


def per_step(data: bytes, looks: list[recipes.Recipe]) -> tuple[dict[str, float], list[float]]:
    """Return seconds per step, summed over looks run one after another, and seconds per look."""
    watch, each = Stopwatch(), []
    watch("decode")
    pixels = decode(data)
    watch("prepare")
    studio = Studio([pixels])
    studio.source(0)
    for look in looks:
        begun = time.perf_counter()
        watch("frame")
        variant = studio.render(look, watch=lambda _, step: watch(step))
        watch("encode")
        variant.encode()
        each.append(time.perf_counter() - begun)
    watch("end")
    return dict(watch.total), each


def cold(path: Path, looks: str = "all") -> float:
    """Return the seconds of a new process that makes these looks."""
    command = [sys.executable, "manage.py", "headshots", str(path), "--looks", looks]
    begun = time.perf_counter()
    subprocess.run([*command, "--out", "var/bench", "--json"], check=True, capture_output=True)
    return time.perf_counter() - begun


def scene_cost(data: bytes) -> float:
    """Return how many milliseconds a scene with an accent costs over a plain background."""
    studio = Studio([decode(data)])
    room = recipes.looks()["linkedin"].changed("backdrop", accent="#0B6E4F")
    plain = room.changed("backdrop", kind="plain", scene="")
    studio.render(room)
    costs = []
    for _ in range(5 * RUNS):
        times = [time.perf_counter()]
        for look in (room, plain):
            studio.render(look)
            times.append(time.perf_counter())
        costs.append(1000 * ((times[1] - times[0]) - (times[2] - times[1])))
    return median(costs)


def main() -> None:
    """Measure and print everything."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    looks = list(recipes.looks().values())
    data = twelve_megapixels(path)
    big = Path("var/bench/twelve-megapixels.jpg")
    big.parent.mkdir(parents=True, exist_ok=True)
    big.write_bytes(data)
    perception.warm_up()
    together(data, looks)  # warm
    steps, each = per_step(data, looks)
    print(f"{path.name} at 12 megapixels, {len(looks)} looks at 1024 × 1024\n")
    for name, seconds in steps.items():
        once = name in ("decode", "prepare")
        print(
            f"  {name:12} {1000 * seconds / (1 if once else len(looks)):7.0f} ms"
            f"{' once a photo' if once else ' a look'}"
        )
    pairs = [(together(data, looks), separately(data, looks)) for _ in range(RUNS)]
    one, many = (median(column) for column in zip(*pairs, strict=True))
    first = median(together(data, looks[:1]) for _ in range(RUNS))
    print(f"\n  together            {one:6.2f} s warm, two looks at a time")
    print(f"  each further look   {(one - first) / (len(looks) - 1):6.2f} s")
    print(f"  one after another   {median(each):6.2f} s a look")
    factor = many / one
    print(f"  separate runs       {many:6.2f} s: {factor:.1f} times as long")
    whole = median(cold(big) for _ in range(RUNS))
    single = sum(cold(big, look.slug) for look in looks)
    print(f"  cold process        {whole:6.2f} s")
    factor = single / whole
    print(f"  separate processes  {single:6.2f} s: {factor:.1f} times as long")
    print(f"  a scene adds        {scene_cost(data):6.0f} ms to a look on a plain ground")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"  peak memory         {peak:6.0f} MB")


if __name__ == "__main__":
    main()
