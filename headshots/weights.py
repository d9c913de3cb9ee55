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

MANIFEST: Final = "facet.json"  # beside the weights: every published file and its checksum
PIECE: Final = 1 << 20  # bytes that are read at once


@dataclass(frozen=True)
class File:
    """One published file: its path in the repository, its size in bytes, and its checksum.

    The checksum is `sha256`, or `blob`, the object name that git gives to the file.
    """

    path: str
    size: int
    sha256: str = ""
    blob: str = ""

    def intact(self, at: Path) -> bool:
        """Whether the file on disk is the one that was published."""
        if not at.is_file() or at.stat().st_size != self.size:
            return False
        if self.sha256:
            return _digest(at, hashlib.sha256()) == self.sha256
        # https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
        head = hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)
        return _digest(at, head) == self.blob


def home(tier: Tier) -> Path:
    """Return the folder for the weights of a tier, whether it exists or not."""
    return Path(settings.MODELS_DIR) / tier.name


def locate(name: str) -> tuple[Tier, Path]:
    """Return tier and folder for the name of a tier, or for the path of any folder of weights.

    Raises ModelMissing, ModelCorrupt or UnknownLicence if it cannot be used.
    """
    folder = Path(name).expanduser()
    if "/" not in name and not folder.is_dir():
        folder = home(diffusion_models.tier(name))
    if not (folder / "model_index.json").is_file():
        raise ModelMissing(
            f"The model '{name}' is not on this machine.",
            advice=f"Run `manage.py models download {name}`, or name a folder of weights.",
        )
    return diffusion_models.family(folder), folder


def installed() -> list[tuple[Tier, Path]]:
    """Return every tier of settings.MODELS that is installed and usable, in that order."""
    found = []
    for name in settings.MODELS:
        try:
            found.append(locate(name))
        except FacetError:
            continue
    return found


def problems(folder: Path) -> Iterator[str]:
    """Yield what is wrong with a folder of weights, in sentences; reads every byte."""
    try:
        diffusion_models.family(folder)
    except FacetError as error:
        yield error.message
        return
    for one in published(folder):
        if not one.intact(folder / one.path):
            there = (folder / one.path).is_file()
            problem = "not what was published" if there else "missing"
            yield f"{one.path} is {problem}."


def published(folder: Path) -> list[File]:
    """Return the files that a download recorded; none for a folder that was filled otherwise.

    Raises ModelCorrupt if the record cannot be read.
    """
    try:
        told = json.loads((folder / MANIFEST).read_text())
        return [File(**one) for one in told["files"]]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(f"'{folder / MANIFEST}' cannot be read.") from error


def require_sizes(folder: Path) -> None:
    """Raise ModelCorrupt unless every published file has its full size; reads no contents."""
    for one in published(folder):
        at = folder / one.path
        if not at.is_file() or at.stat().st_size != one.size:
            raise ModelCorrupt(f"'{at}' is missing or cut short.")


def remove(tier: Tier) -> bool:
    """Delete the weights of a tier, and return whether there were any."""
    if not home(tier).is_dir():
        return False
    shutil.rmtree(home(tier))
    return True


def _digest(at: Path, state: Any) -> str:
    """Feed a file to a hash and return its hexadecimal digest."""
    with at.open("rb") as file:
        while piece := file.read(PIECE):
            state.update(piece)
    return str(state.hexdigest())
