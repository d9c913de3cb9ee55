"""List the scene library, or draw contact sheets of it, without and with a person."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from headshots.engine import recipes
from headshots.engine.io.contact_sheet import SheetPicture, draw_contact_sheet
from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from headshots.engine.operations import scenes
from headshots.engine.render import Renderer

SAMPLE_PHOTO = Path(__file__).parents[2] / "samples" / "eileen-collins.jpg"
SCENE_NAMES = [f"{slug}/{mood}" for slug in scenes.scene_library() for mood in scenes.MOODS]


class Command(BaseCommand):
    """List the scenes of the library, or draw them on contact sheets."""

    help = "List the scenes; with --sheet FILE draw them, and FILE-person with someone in each."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sheet", type=Path, help="write two contact sheets (JPEG)")
        parser.add_argument(
            "--photo", type=Path, default=SAMPLE_PHOTO, help="who stands in the second"
        )
        parser.add_argument("--accent", default="", help="the brand's colour: #0B6E4F")

    def handle(self, **options: Any) -> None:
        for scene in scenes.scene_library().values():
            tags = ", ".join(sorted(scene.tags))
            self.stdout.write(f"{scene.slug:10} {scene.name:24} {' '.join(scene.palette)}  {tags}")
        if options["sheet"]:
            for path in draw_sheets(options["sheet"], options["photo"], accent=options["accent"]):
                self.stdout.write(f"Wrote {path}")


def draw_sheets(path: Path, photo: Path, *, accent: str) -> tuple[Path, Path]:
    """Write a sheet of all scenes, and one with the person of a photo in front of each."""
    empty_scenes = [
        SheetPicture(scenes.load_scene(scene_name).picture, scene_name)
        for scene_name in SCENE_NAMES
    ]
    renderer = Renderer([decode(photo.read_bytes())], size=512)
    look = recipes.built_in_looks()["linkedin"]
    looks = [
        look.with_params("backdrop", scene=scene_name, accent=accent) for scene_name in SCENE_NAMES
    ]
    portraits = [
        SheetPicture(renderer.render(dressed_look).pixels, scene_name)
        for dressed_look, scene_name in zip(looks, SCENE_NAMES, strict=True)
    ]
    person_sheet = path.with_stem(f"{path.stem}-person")
    for target, sheet_pictures in ((path, empty_scenes), (person_sheet, portraits)):
        target.parent.mkdir(parents=True, exist_ok=True)
        sheet = draw_contact_sheet("Facet · scenes", sheet_pictures, columns=6, first_number=1)
        target.write_bytes(encode(sheet))
    return path, person_sheet
