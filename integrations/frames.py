"""The places a headshot hangs, in their true shape and size, read from frames.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).with_name("frames.toml")
AVATAR: Final = "avatar"  # the place this server itself serves


@dataclass(frozen=True)
class Frame:
    """One place, declared."""

    slug: str
    name: str
    shape: str  # circle, rounded or square
    pixels: int  # a side, to upload
    max_bytes: int
    shown: tuple[int, ...]  # CSS pixels a side, largest first
    page: str  # where a person changes the picture
    form: str = "jpeg"
    why: str = ""  # why only the person can put it there

    @property
    def by_hand(self) -> bool:
        return bool(self.why)

    @property
    def is_served(self) -> bool:
        """Whether this server itself shows the picture there."""
        return self.slug == AVATAR

    @property
    def file_name(self) -> str:
        return f"{self.slug}-{self.pixels}.{'jpg' if self.form == 'jpeg' else self.form}"


@cache
def frames() -> dict[str, Frame]:
    """Every place by slug, in the order of the file."""
    data = tomllib.loads(DATA.read_text())
    return {slug: _parsed(slug, values) for slug, values in data.items()}


def _parsed(slug: str, values: dict) -> Frame:
    told = {**values, "shown": tuple(values["shown"]), "why": values.get("by_hand", "")}
    told.pop("by_hand", None)
    return Frame(slug=slug, **told)
