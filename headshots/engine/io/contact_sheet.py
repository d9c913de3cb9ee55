"""The contact sheet: the photo and what was made of it, frame by frame, as on a light table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from headshots.engine.types import Pixels

PAPER: Final = (244, 240, 232)
MOUNT: Final = (234, 229, 220)
INK: Final = (38, 34, 30)
FAINT: Final = (140, 132, 120)
FRAME: Final = 400  # pixels: the size most platforms show at most
GAP: Final = 28
LABEL: Final = 58
MARGIN: Final = 56
HEADING: Final = 96


@dataclass(frozen=True, eq=False)
class Print:
    """One frame of the sheet: a square picture, its name and a line below."""

    pixels: Pixels
    title: str
    note: str = ""


def contact_sheet(
    title: str, prints: Sequence[Print], *, columns: int = 4, first: int = 0
) -> Pixels:
    """All prints in rows on warm paper, numbered like film from `first`; number 0 is not shown."""
    rows = -(-len(prints) // columns)
    width = 2 * MARGIN + columns * FRAME + (columns - 1) * GAP
    height = HEADING + MARGIN + rows * (FRAME + LABEL + GAP) + 20
    sheet = Pillow.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, 36), title, fill=INK, font=ImageFont.load_default(34))
    for index, one in enumerate(prints):
        row, column = divmod(index, columns)
        left = MARGIN + column * (FRAME + GAP)
        top = HEADING + row * (FRAME + LABEL + GAP)
        _hang(sheet, draw, one, (left, top), number=first + index)
    return np.asarray(sheet)


def _hang(
    sheet: Pillow.Image, draw: ImageDraw.ImageDraw, one: Print, at: tuple[int, int], *, number: int
) -> None:
    left, top = at
    sheet.paste(_square(one.pixels), (left, top))
    name = f"{number:02d}  {one.title}" if number else one.title
    draw.text((left, top + FRAME + 8), name, fill=INK, font=ImageFont.load_default(20))
    draw.text((left, top + FRAME + 34), one.note, fill=FAINT, font=ImageFont.load_default(14))


def _square(pixels: Pixels) -> Pillow.Image:
    """The picture fitted into the frame, on paper where it is not square."""
    picture = Pillow.fromarray(pixels)
    picture.thumbnail((FRAME, FRAME), Pillow.Resampling.LANCZOS)
    if picture.size == (FRAME, FRAME):
        return picture
    mount = Pillow.new("RGB", (FRAME, FRAME), MOUNT)
    mount.paste(picture, ((FRAME - picture.width) // 2, (FRAME - picture.height) // 2))
    return mount
