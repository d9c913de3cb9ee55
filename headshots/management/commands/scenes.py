"""List the scene library, or draw contact sheets of it, without and with a person."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from headshots.engine import recipes
from headshots.engine.io.contact_sheet import Print, contact_sheet
from headshots.engine.io.decode import decode
from headshots.engine.io.encode import encode
from headshots.engine.operations import scenes
from headshots.engine.render import Studio

SAMPLE = Path(__file__).parents[2] / "samples" / "eileen-collins.jpg"
PLACES = [f"{slug}/{mood}" for slug in scenes.library() for mood in scenes.MOODS]


class Command(BaseCommand):
    """List the scenes of the library, or draw them on contact sheets."""

    help = "List the scenes; with --sheet FILE draw them, and FILE-person with someone in each."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sheet", type=Path, help="write two contact sheets (JPEG)")
        parser.add_argument("--photo", type=Path, default=SAMPLE, help="who stands in the second")
        parser.add_argument("--accent", default="", help="the brand's colour: #0B6E4F")

    def handle(self, **options: Any) -> None:
        for scene in scenes.library().values():
            tags = ", ".join(sorted(scene.tags))
            self.stdout.write(f"{scene.slug:10} {scene.name:24} {' '.join(scene.palette)}  {tags}")
        if options["sheet"]:
            for path in draw(options["sheet"], options["photo"], accent=options["accent"]):
                self.stdout.write(f"Wrote {path}")


def draw(path: Path, photo: Path, *, accent: str) -> tuple[Path, Path]:
    """Write a sheet of all scenes, and one with the person of a photo in front of each."""
    alone = [Print(scenes.load(place).picture, place) for place in PLACES]
    studio = Studio([decode(photo.read_bytes())], size=512)
    look = recipes.looks()["linkedin"]
    looks = [look.changed("backdrop", scene=place, accent=accent) for place in PLACES]
    made = [
        Print(studio.render(each).pixels, place) for each, place in zip(looks, PLACES, strict=True)
    ]
    second = path.with_stem(f"{path.stem}-person")
    for target, prints in ((path, alone), (second, made)):
        target.parent.mkdir(parents=True, exist_ok=True)
        sheet = contact_sheet("Facet · scenes", prints, columns=6, first=1)
        target.write_bytes(encode(sheet))
    return path, second
