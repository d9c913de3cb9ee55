"""Weights of diffusion networks on this machine: where they lie, and whether they are whole."""

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

MANIFEST: Final = "facet.json"  # beside the weights: what was published, file by file
PIECE: Final = 1 << 20


@dataclass(frozen=True)
class File:
    """One published file: `sha256` of its bytes, or `blob`, git's name for them."""

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
    """Where the weights of a tier lie, or will."""
    return Path(settings.MODELS_DIR) / tier.name


def locate(name: str) -> tuple[Tier, Path]:
    """A tier by name, or any folder of weights; raises what keeps it from being used."""
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
    """Every tier of MODELS that is here and may be used, in the order the operator prefers."""
    found = []
    for name in settings.MODELS:
        try:
            found.append(locate(name))
        except FacetError:
            continue
    return found


def problems(folder: Path) -> Iterator[str]:
    """What is wrong with a folder of weights, in sentences; every byte is read."""
    try:
        diffusion_models.family(folder)
    except FacetError as error:
        yield error.message
        return
    for one in published(folder):
        if not one.intact(folder / one.path):
            there = (folder / one.path).is_file()
            yield f"{one.path} is {'not what was published' if there else 'missing'}."


def published(folder: Path) -> list[File]:
    """The files that a download wrote down; none for a folder that somebody else filled."""
    try:
        told = json.loads((folder / MANIFEST).read_text())
        return [File(**one) for one in told["files"]]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(f"'{folder / MANIFEST}' cannot be read.") from error


def require_sizes(folder: Path) -> None:
    """Raise ModelCorrupt unless every published file is there at full length; reads no byte."""
    for one in published(folder):
        at = folder / one.path
        if not at.is_file() or at.stat().st_size != one.size:
            raise ModelCorrupt(f"'{at}' is missing or cut short.")


def remove(tier: Tier) -> bool:
    """Delete the weights of a tier; whether there were any."""
    if not home(tier).is_dir():
        return False
    shutil.rmtree(home(tier))
    return True


def _digest(at: Path, state: Any) -> str:
    with at.open("rb") as file:
        while piece := file.read(PIECE):
            state.update(piece)
    return str(state.hexdigest())
