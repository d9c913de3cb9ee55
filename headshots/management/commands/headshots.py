"""Make headshots from photos on the command line."""

import json
import resource
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string
from tqdm import tqdm

from headshots import local_files
from headshots.diffusion import setup as diffusion_setup
from headshots.engine import recipes
from headshots.engine.descriptions import describe_likeness
from headshots.engine.diffusion import prompts
from headshots.engine.diffusion.batch import DiffusionPipeline
from headshots.engine.errors import BadRecipe, EngineError, SeveralFaces
from headshots.engine.io.contact_sheet import SheetPicture, draw_contact_sheet
from headshots.engine.io.decode import MAX_BYTES, DecodedPhoto, decode_photo
from headshots.engine.io.encode import encode
from headshots.engine.prediction import predict
from headshots.engine.render import Renderer
from headshots.engine.results import PreparedPhoto, RejectedVariant, RenderedVariant
from headshots.engine.types import Pixels
from headshots.errors import FacetError
from headshots.evidence import collect_evidence, hash_file

SHEET_NAME = "sheet.jpg"
EXIT_UNUSABLE = 2  # exit code if no headshot can be made
SIZE_RANGE = (128, 4096)  # smallest and largest, pixels a side
FACE_HINT = " --face 0 is the largest, --face 1 the next."
MAX_VARIANTS = 8  # variants of a look with diffusion steps


@dataclass(frozen=True)
class RenderOptions:
    """The validated options of the command."""

    photos: list[Path]
    looks: list[recipes.Recipe]
    size: int
    out: Path
    seed: int
    face_index: int | None
    backdrop: Path | None  # a background picture of the person's own
    pipeline: DiffusionPipeline | None = None  # for looks with diffusion steps
    variant_count: int = 1  # of each look with diffusion steps


class Command(BaseCommand):
    """Render every look of a person's photos into a file, and a contact sheet of all."""

    help = "Make headshots from one or more photos of one person."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_argument = parser.add_argument
        add_argument("photos", nargs="+", metavar="PHOTO", type=Path)
        add_argument("--looks", default="all", help="slugs from looks.toml, by commas, or all")
        add_argument("--size", type=int, default=1024, help="pixels a side, 1024")
        add_argument(
            "--out", type=Path, default=Path("var/headshots"), help="folder, var/headshots"
        )
        add_argument("--scene", default="", help="a room for every look: cafe/evening")
        add_argument("--backdrop", type=Path, metavar="FILE", help="your own picture behind you")
        add_argument("--accent", default="", help="the brand's colour: #0B6E4F")
        add_argument("--wear", default="", help="clothes of the wardrobe: blazer:navy")
        add_argument(
            "--face", type=int, help="which face, largest first from 0, if there are several"
        )
        add_argument("--seed", type=int, default=0, help="another choice and placement of scenes")
        _add_diffusion_arguments(parser)
        add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, **options: Any) -> None:
        try:
            report = render_photos(parse_options(options), quiet=not sys.stderr.isatty())
        except FacetError as error:
            self._report_error(error, as_json=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self.stdout.write(format_summary(report, options["out"]))

    def _report_error(self, error: FacetError, *, as_json: bool) -> None:
        if as_json:
            error_fields = {"code": error.code, "message": error.message, "advice": error.advice}
            self.stdout.write(json.dumps({"error": error_fields}))
        else:
            face_hint = FACE_HINT * isinstance(error, SeveralFaces)
            self.stderr.write(f"{error.message}\n{error.advice}{face_hint}")
        raise SystemExit(EXIT_UNUSABLE)


def _add_diffusion_arguments(parser: ArgumentParser) -> None:
    """Add the options of looks with diffusion steps."""
    add_argument = parser.add_argument
    add_argument("--place", default="", help="paint a place, in your words: 'a bright atelier'")
    add_argument("--outfit", default="", help="paint clothes, in your words; your face stays")
    add_argument("--change", default="", help=f"paint the face anew: {', '.join(prompts.CHANGES)}")
    add_argument("--variants", type=int, default=1, help="how many of each painted look, 1 to 8")
    add_argument(
        "--model", default="", help="image model or folder of weights, if not the first here"
    )


def _require_ranges(size: int, variant_count: int) -> None:
    min_size, max_size = SIZE_RANGE
    if not min_size <= size <= max_size:
        raise BadRecipe(
            f"The size must be {min_size} to {max_size} pixels.", advice="Try --size 1024."
        )
    if not 1 <= variant_count <= MAX_VARIANTS:
        raise BadRecipe(f"There can be 1 to {MAX_VARIANTS} variants.", advice="Try --variants 4.")


def parse_options(options: dict[str, Any]) -> RenderOptions:
    """Validate the options; raises BadRecipe for values out of range or unknown names."""
    _require_ranges(options["size"], options["variants"])
    look_slugs = [
        look_slug.strip() for look_slug in options["looks"].split(",") if look_slug.strip()
    ]
    looks = [_apply_options(look, options) for look in recipes.choose_recipes(look_slugs)]
    needs_pipeline = any(look.diffusion_steps for look in looks)
    return RenderOptions(
        photos=options["photos"],
        looks=looks,
        size=options["size"],
        out=options["out"],
        seed=options["seed"],
        face_index=options["face"],
        backdrop=options["backdrop"],
        pipeline=diffusion_setup.get_pipeline([options["model"]] * bool(options["model"]))
        if needs_pipeline
        else None,
        variant_count=options["variants"],
    )


def _apply_options(look: recipes.Recipe, options: dict[str, Any]) -> recipes.Recipe:
    """Return a look with backdrop, accent and diffusion prompts of the options.

    A plain backdrop is part of a look's purpose and is not replaced.
    """
    if look.step_params("backdrop").kind != "plain":
        if options["backdrop"]:
            look = look.with_params("backdrop", kind="picture", scene="")
        elif options["scene"]:
            look = look.with_params("backdrop", kind="scene", scene=options["scene"])
    if options["accent"]:
        look = look.with_params("backdrop", accent=options["accent"])
    if options["wear"]:
        look = look.with_clothes(options["wear"])
    diffusion_prompts = {option: options[option] for option in ("place", "outfit", "change")}
    return look.with_diffusion(**diffusion_prompts) if any(diffusion_prompts.values()) else look


def _create_renderer(request: RenderOptions) -> Renderer:
    """Create the renderer of a request; reads all photos, and the background picture."""
    photos = [_read_photo(path) for path in request.photos]
    backdrop_picture = None
    if request.backdrop is not None:
        backdrop_picture = _read_photo(request.backdrop).pixels.astype(np.float32) / 255.0
    renderer = Renderer(
        [photo.pixels for photo in photos],
        size=request.size,
        face=request.face_index,
        seed=request.seed,
        backdrop_picture=backdrop_picture,
        pipeline=request.pipeline,
    )
    for photo_index, photo in enumerate(photos):
        if photo.focal_share is not None:
            _check_distance(renderer, photo_index, photo.focal_share)
    return renderer


def _check_distance(renderer: Renderer, photo_index: int, focal_share: float) -> None:
    """Add the check of the camera's distance to a photo that can be used."""
    focal_length = focal_share * max(renderer.photos[photo_index].shape[:2])
    with suppress(EngineError):  # told when it is rendered
        photo = renderer.prepare_photo(photo_index)
        renderer.prepared[photo_index] = photo.with_distance_check(focal_length)


def render_photos(request: RenderOptions, *, quiet: bool) -> dict[str, Any]:
    """Render everything, then write it, and return the report; an error leaves no file behind."""
    started_at = time.perf_counter()
    local_files.require_free(request.out, _list_file_names(request))
    renderer = _create_renderer(request)
    photo_index = renderer.choose_photo()
    timed_variants, rejected = _render_looks(renderer, request, quiet=quiet)
    if not timed_variants:
        raise rejected[0].error
    files = {
        _name_file(variant.look, variant.variant_index, request): _encode_signed(
            variant, request.photos[variant.photo_index]
        )
        for variant, _ in timed_variants
    }
    files[SHEET_NAME] = encode(_draw_sheet(renderer.photos[photo_index], request, timed_variants))
    local_files.write_files(request.out, files)
    return {
        "photos": [str(path) for path in request.photos],
        "source": str(request.photos[photo_index]),
        "seconds": round(time.perf_counter() - started_at, 3),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "sheet": str(request.out / SHEET_NAME),
        "predictions": _predict_all(renderer, request),
        "checks": [asdict(check) for check in renderer.prepare_photo(photo_index).checks],
        "variants": [
            _describe_variant(variant, seconds, request) for variant, seconds in timed_variants
        ],
        "rejected": [
            {"look": rejection.look, "reason": rejection.error.message} for rejection in rejected
        ],
    }


def _read_photo(path: Path) -> DecodedPhoto:
    """Read and decode a photo; raises UnreadableFile or BadImage."""
    return decode_photo(local_files.read_file(path, max_bytes=MAX_BYTES))


def _render_looks(
    renderer: Renderer, request: RenderOptions, *, quiet: bool
) -> tuple[list[tuple[RenderedVariant, float]], list[RejectedVariant]]:
    """Return the variants, each with the seconds since the one before, and the rejected ones."""
    timed_variants, rejected = [], []
    started_at = time.perf_counter()
    total = sum(request.variant_count if look.diffusion_steps else 1 for look in request.looks)
    for result in tqdm(
        _iterate_results(renderer, request), total=total, unit="look", disable=quiet
    ):
        if isinstance(result, RejectedVariant):
            rejected.append(result)
        else:
            timed_variants.append((result, time.perf_counter() - started_at))
        started_at = time.perf_counter()
    return timed_variants, rejected


def _iterate_results(
    renderer: Renderer, request: RenderOptions
) -> Iterator[RenderedVariant | RejectedVariant]:
    """Yield the results of all looks; those with diffusion steps last, one after another."""
    yield from renderer.render_all([look for look in request.looks if not look.diffusion_steps])
    for look in request.looks:
        if look.diffusion_steps:
            yield from renderer.render_variants(look, range(request.variant_count))


def _encode_signed(variant: RenderedVariant, photo_path: Path) -> bytes:
    """Return the file of a variant with its content credentials, which a higher layer signs."""
    data = variant.encode()
    photo_file = local_files.read_file(photo_path, max_bytes=MAX_BYTES)
    evidence = collect_evidence(variant, photo_sha256=hash_file(photo_file), picture=data)
    signed_file: bytes = import_string(settings.SIGN_RENDERED_FILE)(variant, data, evidence)
    return signed_file


def _predict_all(renderer: Renderer, request: RenderOptions) -> list[dict[str, Any]]:
    """Return, for each photo, what it gives and why, as plain data."""
    outcomes: list[PreparedPhoto | EngineError] = []
    for photo_index in range(len(request.photos)):
        try:
            outcomes.append(renderer.prepare_photo(photo_index))
        except EngineError as error:
            outcomes.append(error)
    return [
        {"photo": str(path), **asdict(predict(outcome, request.looks))}
        for path, outcome in zip(request.photos, outcomes, strict=True)
    ]


def _list_file_names(request: RenderOptions) -> list[str]:
    """Return the names of all files that may be written."""
    names = [
        _name_file(look.slug, variant_index, request)
        for look in request.looks
        for variant_index in range(request.variant_count)
    ]
    return [*names, SHEET_NAME]


def _name_file(look_slug: str, variant_index: int, request: RenderOptions) -> str:
    suffix = f"-{variant_index + 1}" if request.variant_count > 1 else ""
    return f"{look_slug}{suffix}.jpg"


def _draw_sheet(
    photo: Pixels, request: RenderOptions, timed_variants: list[tuple[RenderedVariant, float]]
) -> Pixels:
    titles = {look.slug: look.title for look in request.looks}
    sheet_pictures = [SheetPicture(photo, "Your photo")]
    for variant, _ in timed_variants:
        caption = f"{variant.look} · likeness {variant.likeness:.2f}"
        sheet_pictures.append(SheetPicture(variant.pixels, titles[variant.look], caption))
    return draw_contact_sheet("Facet · contact sheet", sheet_pictures)


def _describe_variant(
    variant: RenderedVariant, seconds: float, request: RenderOptions
) -> dict[str, Any]:
    """Describe a variant for the report."""
    height, width = variant.pixels.shape[:2]
    return {
        "look": variant.look,
        "file": str(request.out / _name_file(variant.look, variant.variant_index, request)),
        "source": str(request.photos[variant.photo_index]),
        "width": width,
        "height": height,
        "seconds": round(seconds, 3),
        "likeness": round(variant.likeness, 4),
        "skin_delta_e": round(variant.skin_delta_e, 3),
        "head_fraction": round(variant.head_fraction, 4),
        "eye_line": round(variant.eye_line, 4),
        "steps": variant.steps,
        "notes": [*variant.notes, *(request.pipeline.notes if request.pipeline else ())],
        "edits": [asdict(edit) for edit in variant.edits],
    }


def format_summary(report: dict[str, Any], out: Path) -> str:
    """Return the report as sentences for the terminal."""
    lines = [f"{row['photo']}: {row['sentence']}" for row in report["predictions"]]
    lines += [f"Made {len(report['variants'])} headshots in {report['seconds']:.1f} s: {out}"]
    largest_distance = max(row["likeness"] for row in report["variants"])
    lines.append(
        f"  likeness {largest_distance:.2f} or better: {describe_likeness(largest_distance)}"
    )
    lines += [f"  not shown: {row['look']}: {row['reason']}" for row in report["rejected"]]
    lines += [
        f"  could be better: {row['problem']} {row['advice']}".replace(":  ", ": ")
        for row in report["checks"]
        if not row["ok"]
    ]
    return "\n".join([*lines, f"Open {report['sheet']}"])
