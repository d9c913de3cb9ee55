"""manage.py models: list, check, download and remove diffusion models."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from branding.operations import model_downloads
from headshots.diffusion import setup as diffusion_setup
from headshots.diffusion import weights
from headshots.engine.diffusion.models import GIB, TIERS, find_tier
from headshots.errors import FacetError
from integrations.errors import PlatformError


class Command(BaseCommand):
    help = "List, check, download or remove the image models that paint places and clothes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        subparsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        description = "which models there are, and which are here"
        subparsers.add_parser("list", help=description, description=description)
        for verb, description in (
            ("check", "read every byte of what is here, or of one model or folder"),
            ("download", "fetch a model, or what is missing of it"),
            ("remove", "delete a model"),
        ):
            subparsers.add_parser(verb, help=description, description=description).add_argument(
                "name", nargs="?" if verb == "check" else None, default=""
            )

    def handle(self, **options: Any) -> None:
        actions = {
            "list": self._list_models,
            "check": self._check_models,
            "download": self._download_model,
            "remove": self._remove_model,
        }
        try:
            actions[options["verb"]](options.get("name", ""))
        except (FacetError, PlatformError) as error:
            raise CommandError(f"{error.message} {getattr(error, 'advice', '')}") from error

    def _list_models(self, _: str) -> None:
        for model_tier in TIERS:
            presence = "here" if weights.weights_folder(model_tier).is_dir() else "-"
            self.stdout.write(
                f"{model_tier.name:8} {presence:5} {model_tier.memory / GIB:3.0f} GB"
                f"  {model_tier.licence:12}"
                f" {model_tier.repository}\n         {model_tier.purpose}"
            )
        if not diffusion_setup.is_possible():
            self.stdout.write("The extra [diffusion] is not installed: make install-diffusion")

    def _check_models(self, name: str) -> None:
        folders = [weights.locate_weights(name)[1]] if name else _installed_folders()
        problem_count = 0
        for folder in folders:
            problems = list(weights.find_problems(folder))
            problem_count += len(problems)
            self.stdout.write("\n".join(problems) or f"{folder}: whole")
        if not folders:
            self.stdout.write("No model is here.")
        if problem_count:
            raise CommandError(f"{problem_count} files are wrong: download the model again.")

    def _download_model(self, name: str) -> None:
        with tqdm(total=0, unit="B", unit_scale=True, disable=None) as progress_bar:

            def show_progress(file: str, present_bytes: int, total_bytes: int) -> None:
                progress_bar.set_description(file.rpartition("/")[2])
                progress_bar.total = total_bytes
                progress_bar.update(present_bytes - progress_bar.n)

            folder = model_downloads.download_model(find_tier(name), on_progress=show_progress)
        self.stdout.write(f"{folder}: whole")

    def _remove_model(self, name: str) -> None:
        is_removed = weights.remove_weights(find_tier(name))
        self.stdout.write(f"{name} was {'removed' if is_removed else 'not here'}.")


def _installed_folders() -> list[Any]:
    folders = [weights.weights_folder(model_tier) for model_tier in TIERS]
    return [folder for folder in folders if folder.is_dir()]
