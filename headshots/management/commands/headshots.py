"""Make headshots from photos on the command line."""

import json
import resource
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand
from tqdm import tqdm

from headshots import diffusion_pipeline
from headshots.engine import recipes
from headshots.engine.descriptions import likeness_in_words
from headshots.engine.diffusion import prompts
from headshots.engine.diffusion.batch import Painter
from headshots.engine.errors import BadImage, BadRecipe, SeveralFaces
from headshots.engine.io.contact_sheet import Print, contact_sheet
from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from headshots.engine.render import Studio
from headshots.engine.results import RejectedVariant, Variant
from headshots.engine.types import Pixels
from headshots.errors import FacetError

UNUSABLE = 2  # exit code if no headshot can be made
SIZES = (128, 4096)  # smallest and largest, pixels a side
MOST = 8  # variants of a look with diffusion steps


@dataclass(frozen=True)
class Job:
    """The validated options of the command."""

    photos: list[Path]
    looks: list[recipes.Recipe]
    size: int
    out: Path
    seed: int
    face: int | None
    backdrop: Path | None  # a background picture of the person's own
    painter: Painter | None = None  # for looks with diffusion steps
    variants: int = 1  # of each look with diffusion steps


class Command(BaseCommand):
    """Render every look of a person's photos into a file, and a contact sheet of all."""

    help = "Make headshots from one or more photos of one person."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("photos", nargs="+", metavar="PHOTO", type=Path)
        add("--looks", default="all", help="slugs from looks.toml, by commas, or all")
        add("--size", type=int, default=1024, help="pixels a side, 1024")
        add("--out", type=Path, default=Path("var/headshots"), help="folder, var/headshots")
        add("--scene", default="", help="a room for every look: cafe/evening")
        add("--backdrop", type=Path, metavar="FILE", help="your own picture behind you")
        add("--accent", default="", help="the brand's colour: #0B6E4F")
        add("--face", type=int, help="which face, largest first from 0, if there are several")
        add("--seed", type=int, default=0, help="another choice and placement of scenes")
        add("--place", default="", help="paint a place, in your words: 'a bright atelier'")
        add("--outfit", default="", help="paint clothes, in your words; your face stays")
        add("--change", default="", help=f"paint the face anew: {', '.join(prompts.CHANGES)}")
        add("--variants", type=int, default=1, help="how many of each painted look, 1 to 8")
        add("--model", default="", help="image model or folder of weights, if not the first here")
        add("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, **options: Any) -> None:
        try:
            report = run(parse(options), quiet=not sys.stderr.isatty())
        except FacetError as error:
            self._refuse(error, as_json=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self.stdout.write(summary(report, options["out"]))

    def _refuse(self, error: FacetError, *, as_json: bool) -> None:
        if as_json:
            body = {"code": error.code, "message": error.message, "advice": error.advice}
            self.stdout.write(json.dumps({"error": body}))
        else:
            choice = " Or choose one: --face 0 is the largest." * isinstance(error, SeveralFaces)
            self.stderr.write(f"{error.message}\n{error.advice}{choice}")
        raise SystemExit(UNUSABLE)


def parse(options: dict[str, Any]) -> Job:
    """Validate the options; raises BadRecipe for values out of range or unknown names."""
    low, high = SIZES
    if not low <= options["size"] <= high:
        raise BadRecipe(f"The size must be {low} to {high} pixels.", advice="Try --size 1024.")
    wanted = [name.strip() for name in options["looks"].split(",") if name.strip()]
    if not 1 <= options["variants"] <= MOST:
        raise BadRecipe(f"There can be 1 to {MOST} variants.", advice="Try --variants 4.")
    looks = [_dressed(look, options) for look in recipes.choose(wanted)]
    paints = any(look.painted for look in looks)
    return Job(
        photos=options["photos"],
        looks=looks,
        size=options["size"],
        out=options["out"],
        seed=options["seed"],
        face=options["face"],
        backdrop=options["backdrop"],
        painter=diffusion_pipeline.painter([options["model"]] * bool(options["model"]))
        if paints
        else None,
        variants=options["variants"],
    )


def _dressed(look: recipes.Recipe, options: dict[str, Any]) -> recipes.Recipe:
    """Return a look with backdrop, accent and diffusion prompts of the options.

    A plain backdrop is part of a look's purpose and is not replaced.
    """
    if look.params("backdrop").kind != "plain":
        if options["backdrop"]:
            look = look.changed("backdrop", kind="picture", scene="")
        elif options["scene"]:
            look = look.changed("backdrop", kind="scene", scene=options["scene"])
    if options["accent"]:
        look = look.changed("backdrop", accent=options["accent"])
    words = {name: options[name] for name in ("place", "outfit", "change")}
    return look.repainted(**words) if any(words.values()) else look


def run(job: Job, *, quiet: bool) -> dict[str, Any]:
    """Render everything, then write it, and return the report; an error leaves no file behind."""
    begun = time.perf_counter()
    studio = Studio(
        [_read(path) for path in job.photos],
        size=job.size,
        face=job.face,
        seed=job.seed,
        picture=None if job.backdrop is None else _read(job.backdrop).astype(np.float32) / 255,
        painter=job.painter,
    )
    chosen = studio.best()
    made, rejected = _render(studio, job, quiet=quiet)
    if not made:
        raise rejected[0].error
    files = {_name(variant, job): variant.encode() for variant, _ in made}
    files["sheet.jpg"] = encode(_sheet(studio.photos[chosen], job, made))
    _write(files, job.out)
    return {
        "photos": [str(path) for path in job.photos],
        "source": str(job.photos[chosen]),
        "seconds": round(time.perf_counter() - begun, 3),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "sheet": str(job.out / "sheet.jpg"),
        "checks": [asdict(check) for check in studio.source(chosen).checks],
        "variants": [_row(variant, seconds, job) for variant, seconds in made],
        "rejected": [{"look": one.look, "reason": one.error.message} for one in rejected],
    }


def _read(path: Path) -> Pixels:
    """Read and decode a photo; raises BadImage if the file cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadImage(
            f"'{path}' cannot be read: {error.strerror}.", advice="Check the path."
        ) from error
    return decode(data)


def _render(
    studio: Studio, job: Job, *, quiet: bool
) -> tuple[list[tuple[Variant, float]], list[RejectedVariant]]:
    """Return the variants, each with the seconds since the one before, and the rejected ones."""
    made, rejected = [], []
    begun = time.perf_counter()
    total = sum(job.variants if look.painted else 1 for look in job.looks)
    for result in tqdm(_results(studio, job), total=total, unit="look", disable=quiet):
        if isinstance(result, RejectedVariant):
            rejected.append(result)
        else:
            made.append((result, time.perf_counter() - begun))
        begun = time.perf_counter()
    return made, rejected


def _results(studio: Studio, job: Job) -> Iterator[Variant | RejectedVariant]:
    """Yield the results of all looks; those with diffusion steps last, one after another."""
    yield from studio.render_all([look for look in job.looks if not look.painted])
    for look in job.looks:
        if look.painted:
            yield from studio.render_siblings(look, range(job.variants))


def _name(variant: Variant, job: Job) -> str:
    return (
        f"{variant.look}-{variant.sibling + 1}.jpg" if job.variants > 1 else f"{variant.look}.jpg"
    )


def _sheet(photo: Pixels, job: Job, made: list[tuple[Variant, float]]) -> Pixels:
    titles = {look.slug: look.title for look in job.looks}
    prints = [Print(photo, "Your photo")]
    for variant, _ in made:
        note = f"{variant.look} · likeness {variant.likeness:.2f}"
        prints.append(Print(variant.pixels, titles[variant.look], note))
    return contact_sheet("Facet · contact sheet", prints)


def _write(files: dict[str, bytes], out: Path) -> None:
    """Write all files or none: they are moved from a temporary folder once all are complete."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out, prefix=".making-") as folder:
            for name, data in files.items():
                (Path(folder) / name).write_bytes(data)
            for name in files:
                (Path(folder) / name).replace(out / name)
    except OSError as error:
        raise BadRecipe(
            f"'{out}' cannot be written: {error.strerror}.", advice="Check --out."
        ) from error


def _row(variant: Variant, seconds: float, job: Job) -> dict[str, Any]:
    """Describe a variant for the report."""
    height, width = variant.pixels.shape[:2]
    return {
        "look": variant.look,
        "file": str(job.out / _name(variant, job)),
        "source": str(job.photos[variant.source]),
        "width": width,
        "height": height,
        "seconds": round(seconds, 3),
        "likeness": round(variant.likeness, 4),
        "skin_delta_e": round(variant.skin_delta_e, 3),
        "head_fraction": round(variant.head_fraction, 4),
        "eye_line": round(variant.eye_line, 4),
        "steps": variant.steps,
        "notes": [*variant.notes, *(job.painter.notes if job.painter else ())],
        "edits": [asdict(edit) for edit in variant.edits],
    }


def summary(report: dict[str, Any], out: Path) -> str:
    """Return the report as sentences for the terminal."""
    lines = [f"Made {len(report['variants'])} headshots in {report['seconds']:.1f} s: {out}"]
    furthest = max(one["likeness"] for one in report["variants"])
    lines.append(f"  likeness {furthest:.2f} or better: {likeness_in_words(furthest)}")
    lines += [f"  not shown: {one['look']}: {one['reason']}" for one in report["rejected"]]
    lines += [f"  could be better: {one['advice']}" for one in report["checks"] if not one["ok"]]
    return "\n".join([*lines, f"Open {report['sheet']}"])
