"""The portraits that tests use: one in the public domain, and those of a folder if it exists."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import skimage.data

from headshots.engine.io.decode import decode
from headshots.engine.render import Studio
from headshots.engine.types import Pixels

PHOTOS = Path(__file__).resolve().parents[3] / "shared" / "photos"
UNUSABLE = {"two_people", "obama_partial_face"}  # must be rejected, see rejections.py


@dataclass(frozen=True)
class Portrait:
    """One usable photo; files of one person differ by a number at the end of their name."""

    name: str

    @property
    def person(self) -> str:
        return self.name.rstrip("0123456789")

    @property
    def pixels(self) -> Pixels:
        return astronaut() if self.name == "astronaut" else photo(self.name)

    def studio(self, size: int) -> Studio:
        """A renderer with the prepared photo, shared by the tests of one process for each size."""
        return _studio(self.name, size)


@cache
def astronaut() -> Pixels:
    return np.ascontiguousarray(skimage.data.astronaut())


@cache
def cat() -> Pixels:
    return np.ascontiguousarray(skimage.data.chelsea())


def present(name: str) -> bool:
    return (PHOTOS / f"{name}.jpg").is_file()


@cache
def photo(name: str) -> Pixels:
    return decode((PHOTOS / f"{name}.jpg").read_bytes())


@cache
def _studio(name: str, size: int) -> Studio:
    studio = Studio([Portrait(name).pixels], size=size)
    studio.source(0)
    return studio


def _names() -> list[str]:
    files = sorted(path.stem for path in PHOTOS.glob("*.jpg"))
    return ["astronaut", *(name for name in files if name not in UNUSABLE)]


ASTRONAUT = Portrait("astronaut")
PORTRAITS = tuple(Portrait(name) for name in _names())
