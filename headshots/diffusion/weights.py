"""Weights of diffusion networks on this machine: where they are, and whether they are intact."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from headshots.engine.diffusion import models as diffusion_models
from headshots.engine.diffusion.models import Tier
from headshots.engine.errors import ModelCorrupt, ModelMissing
from headshots.errors import FacetError

MANIFEST_NAME: Final = "facet.json"  # beside the weights: every published file and its checksum
CHUNK_SIZE: Final = 1 << 20  # bytes that are read at once


@dataclass(frozen=True)
class PublishedFile:
    """One published file: its path in the repository, its size in bytes, and its checksum.

    The checksum is `sha256`, or `blob`, the object name that git gives to the file.
    """

    path: str
    size: int
    sha256: str = ""
    blob: str = ""

    def is_intact(self, location: Path) -> bool:
        """Whether the file on disk is the one that was published."""
        if not location.is_file() or location.stat().st_size != self.size:
            return False
        if self.sha256:
            return _file_digest(location, hashlib.sha256()) == self.sha256
        # https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
        git_hash = hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)
        return _file_digest(location, git_hash) == self.blob


def weights_folder(tier: Tier) -> Path:
    """Return the folder for the weights of a tier, whether it exists or not."""
    return Path(settings.MODELS_DIR) / tier.name


def locate_weights(name: str) -> tuple[Tier, Path]:
    """Return tier and folder for the name of a tier, or for the path of any folder of weights.

    Raises ModelMissing, ModelCorrupt or UnknownLicence if it cannot be used.
    """
    folder = Path(name).expanduser()
    if "/" not in name and not folder.is_dir():
        folder = weights_folder(diffusion_models.find_tier(name))
    if not (folder / "model_index.json").is_file():
        raise ModelMissing(
            f"The model '{name}' is not on this machine.",
            advice=f"Run `manage.py models download {name}`, or name a folder of weights.",
        )
    return diffusion_models.identify_tier(folder), folder


def installed_tiers() -> list[tuple[Tier, Path]]:
    """Return every tier of settings.MODELS that is installed and usable, in that order."""
    usable_tiers = []
    for name in settings.MODELS:
        try:
            usable_tiers.append(locate_weights(name))
        except FacetError:
            continue
    return usable_tiers


def find_problems(folder: Path) -> Iterator[str]:
    """Yield what is wrong with a folder of weights, in sentences; reads every byte."""
    try:
        diffusion_models.identify_tier(folder)
    except FacetError as error:
        yield error.message
        return
    for published_file in published_files(folder):
        if not published_file.is_intact(folder / published_file.path):
            is_present = (folder / published_file.path).is_file()
            problem = "not what was published" if is_present else "missing"
            yield f"{published_file.path} is {problem}."


def published_files(folder: Path) -> list[PublishedFile]:
    """Return the files that a download recorded; none for a folder that was filled otherwise.

    Raises ModelCorrupt if the record cannot be read.
    """
    try:
        manifest = json.loads((folder / MANIFEST_NAME).read_text())
        return [PublishedFile(**file_data) for file_data in manifest["files"]]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(f"'{folder / MANIFEST_NAME}' cannot be read.") from error


def require_sizes(folder: Path) -> None:
    """Raise ModelCorrupt unless every published file has its full size; reads no contents."""
    for published_file in published_files(folder):
        location = folder / published_file.path
        if not location.is_file() or location.stat().st_size != published_file.size:
            raise ModelCorrupt(f"'{location}' is missing or cut short.")


def remove_weights(tier: Tier) -> bool:
    """Delete the weights of a tier, and return whether there were any."""
    if not weights_folder(tier).is_dir():
        return False
    shutil.rmtree(weights_folder(tier))
    return True


def _file_digest(location: Path, hash_state: Any) -> str:
    """Feed a file to a hash and return its hexadecimal digest."""
    with location.open("rb") as file:
        while chunk := file.read(CHUNK_SIZE):
            hash_state.update(chunk)
    return str(hash_state.hexdigest())
