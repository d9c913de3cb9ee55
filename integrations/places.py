"""The places a headshot hangs, in their true shape and size, read from places.toml.

What file a place takes is declared once: by the adapter that sends it there, or, where only the
person can put it, in the data file.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from integrations.platforms.base import Platform
from integrations.platforms.registry import platforms

DATA: Final = Path(__file__).with_name("places.toml")
UNSEEN: Final = {"shape": "circle", "shown": [128, 48]}  # of a platform without a table
AVATAR: Final = "avatar"  # the place this server itself serves


@dataclass(frozen=True)
class Frame:
    """One place, declared."""

    slug: str
    name: str
    shape: str  # circle, rounded or square
    shown: tuple[int, ...]  # CSS pixels a side, largest first
    pixels: int  # a side, to upload
    max_bytes: int
    form: str = "jpeg"
    page: str = ""  # where a person changes the picture
    steps: str = ""  # what they press there
    why: str = ""  # why only the person can put it there
    public: str = ""  # where anyone may read the picture of {name}
    field: str = ""  # of the JSON there that holds the picture's own address

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
    known = {platform.slug: platform for platform in platforms()}
    data = tomllib.loads(DATA.read_text())
    unseen = {slug: UNSEEN for slug in known if slug not in data}
    return {slug: _parsed(slug, told, known.get(slug)) for slug, told in (data | unseen).items()}


def _parsed(slug: str, told: dict[str, Any], platform: Platform | None) -> Frame:
    """TypeError if the file says what the adapter says, or says too little."""
    facts = {**told, "shown": tuple(told["shown"]), "why": told.get("by_hand", "")}
    facts.pop("by_hand", None)
    if platform is None:
        return Frame(slug=slug, **facts)
    slot = platform.slot
    facts = {"name": platform.name, "page": _fixed(platform.page), **facts}
    return Frame(
        slug=slug, pixels=slot.pixels, max_bytes=slot.max_bytes, form=slot.formats[0], **facts
    )


def _fixed(page: str) -> str:
    """A page that is the same for everybody; '' where it depends on the account."""
    return "" if "{" in page else page
