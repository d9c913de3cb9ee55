"""manage.py models: list, check, download and remove diffusion models."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from branding.operations import downloads
from headshots import diffusion_pipeline, weights
from headshots.engine.diffusion.models import GIB, TIERS, tier
from headshots.errors import FacetError
from integrations.errors import PlatformError


class Command(BaseCommand):
    help = "List, check, download or remove the image models that paint places and clothes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        words = "which models there are, and which are here"
        verbs.add_parser("list", help=words, description=words)
        for verb, words in (
            ("check", "read every byte of what is here, or of one model or folder"),
            ("download", "fetch a model, or what is missing of it"),
            ("remove", "delete a model"),
        ):
            verbs.add_parser(verb, help=words, description=words).add_argument(
                "name", nargs="?" if verb == "check" else None, default=""
            )

    def handle(self, **options: Any) -> None:
        actions = {
            "list": self._list,
            "check": self._check,
            "download": self._download,
            "remove": self._remove,
        }
        try:
            actions[options["verb"]](options.get("name", ""))
        except (FacetError, PlatformError) as error:
            raise CommandError(f"{error.message} {getattr(error, 'advice', '')}") from error

    def _list(self, _: str) -> None:
        for one in TIERS:
            here = "here" if weights.home(one).is_dir() else "-"
            self.stdout.write(
                f"{one.name:8} {here:5} {one.memory / GIB:3.0f} GB"
                f"  {one.licence:12}"
                f" {one.repository}\n         {one.purpose}"
            )
        if not diffusion_pipeline.is_possible():
            self.stdout.write("The extra [diffusion] is not installed: make install-diffusion")

    def _check(self, name: str) -> None:
        folders = [weights.locate(name)[1]] if name else _here()
        bad = 0
        for folder in folders:
            found = list(weights.problems(folder))
            bad += len(found)
            self.stdout.write("\n".join(found) or f"{folder}: whole")
        if not folders:
            self.stdout.write("No model is here.")
        if bad:
            raise CommandError(f"{bad} files are wrong: download the model again.")

    def _download(self, name: str) -> None:
        with tqdm(total=0, unit="B", unit_scale=True, disable=None) as bar:

            def told(file: str, here: int, whole: int) -> None:
                bar.set_description(file.rpartition("/")[2])
                bar.total = whole
                bar.update(here - bar.n)

            folder = downloads.download(tier(name), told=told)
        self.stdout.write(f"{folder}: whole")

    def _remove(self, name: str) -> None:
        gone = weights.remove(tier(name))
        self.stdout.write(f"{name} was {'removed' if gone else 'not here'}.")


def _here() -> list[Any]:
    homes = [weights.home(one) for one in TIERS]
    return [home for home in homes if home.is_dir()]
