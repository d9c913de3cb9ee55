"""The portraits that tests use: one in the public domain, and those of a folder if it exists."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import skimage.data

from headshots.engine.io.decode import decode
from headshots.engine.render import Renderer
from headshots.engine.types import Pixels

PHOTOS = Path(__file__).resolve().parents[3] / "shared" / "photos"
# One photo of each kind that the engine must serve; rejections.py has those it must reject.
USABLE_PHOTOS = ("biden", "dark-skin-2", "long-hair-1", "obama", "obama2", "obama3", "tight-4")


@dataclass(frozen=True)
class Portrait:
    """One usable photo; files of one person differ by a number right after their name."""

    name: str

    @property
    def person(self) -> str:
        kind, _, number = self.name.rpartition("-")
        return self.name if kind and number.isdigit() else self.name.rstrip("0123456789")

    @property
    def pixels(self) -> Pixels:
        return astronaut() if self.name == "astronaut" else load_photo(self.name)

    def renderer(self, size: int) -> Renderer:
        """A renderer with the prepared photo, shared by the tests of one process for each size."""
        return _prepared_renderer(self.name, size)


@cache
def astronaut() -> Pixels:
    return np.ascontiguousarray(skimage.data.astronaut())


@cache
def cat() -> Pixels:
    return np.ascontiguousarray(skimage.data.chelsea())


def is_present(name: str) -> bool:
    return (PHOTOS / f"{name}.jpg").is_file()


@cache
def load_photo(name: str) -> Pixels:
    return decode((PHOTOS / f"{name}.jpg").read_bytes())


@cache
def _prepared_renderer(name: str, size: int) -> Renderer:
    studio = Renderer([Portrait(name).pixels], size=size)
    studio.prepare_photo(0)
    return studio


ASTRONAUT = Portrait("astronaut")
PORTRAITS = (ASTRONAUT, *(Portrait(name) for name in USABLE_PHOTOS if is_present(name)))
