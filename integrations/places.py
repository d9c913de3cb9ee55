"""The places where a headshot is shown, with shape and size, read from places.toml.

Which file a place takes is declared once: in the platform's description if there is an adapter,
otherwise in the data file.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from integrations.platforms.base import Platform
from integrations.platforms.registry import all_platforms

PLACES_FILE: Final = Path(__file__).with_name("places.toml")
DEFAULT_TABLE: Final = {
    "shape": "circle",
    "shown": [128, 48],
}  # of a platform that is not in the file
AVATAR_SLUG: Final = "avatar"  # slug of the place that this server serves itself


@dataclass(frozen=True)
class Place:
    """The description of one place."""

    slug: str
    name: str
    shape: str  # circle, rounded or square
    shown: tuple[int, ...]  # sizes in CSS pixels at which it shows the picture, largest first
    pixels: int  # width and height of the file to upload
    max_bytes: int
    form: str = "jpeg"
    page: str = ""  # URL where a person changes the picture
    steps: str = ""  # instructions for that page
    why: str = ""  # why only the person can set the picture; "" if an adapter does
    public: str = ""  # URL where anyone may read the picture of {name}
    field: str = ""  # if that URL answers with JSON: the key of the picture's URL

    @property
    def by_hand(self) -> bool:
        """Return whether only the person can set the picture."""
        return bool(self.why)

    @property
    def is_served(self) -> bool:
        """Return whether this server serves the picture itself."""
        return self.slug == AVATAR_SLUG

    @property
    def file_name(self) -> str:
        """Return the name of a download."""
        return f"{self.slug}-{self.pixels}.{'jpg' if self.form == 'jpeg' else self.form}"


@cache
def all_places() -> dict[str, Place]:
    """Return every place by slug, in the order of the file."""
    by_slug = {platform.slug: platform for platform in all_platforms()}
    tables = tomllib.loads(PLACES_FILE.read_text())
    tables |= {slug: DEFAULT_TABLE for slug in by_slug if slug not in tables}
    return {slug: _parse_place(slug, table, by_slug.get(slug)) for slug, table in tables.items()}


def _parse_place(slug: str, table: dict[str, Any], platform: Platform | None) -> Place:
    """Return a place; TypeError if its table repeats the platform's description or lacks keys."""
    values = {**table, "shown": tuple(table["shown"]), "why": table.get("by_hand", "")}
    values.pop("by_hand", None)
    if title := values.pop("title", ""):  # a name of words, which pages translate
        values["name"] = title
    if platform is None:
        return Place(slug=slug, **values)
    slot = platform.slot
    values = {"name": platform.name, "page": _shared_page(platform.page), **values}
    return Place(
        slug=slug, pixels=slot.pixels, max_bytes=slot.max_bytes, form=slot.formats[0], **values
    )


def _shared_page(page: str) -> str:
    """Return the page if it is the same for everybody; "" if it depends on the account."""
    return "" if "{" in page else page
