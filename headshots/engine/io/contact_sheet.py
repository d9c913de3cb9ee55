"""Draw the contact sheet: a photo and the headshots made from it, side by side with captions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from headshots.engine.types import Pixels

# sRGB, 0..255.
PAPER: Final = (244, 240, 232)
MOUNT: Final = (234, 229, 220)  # beside a picture that is not square
INK: Final = (38, 34, 30)
FAINT: Final = (140, 132, 120)

# Pixels.
FRAME: Final = 400  # side of a picture: the size most platforms show at most
GAP: Final = 28
LABEL: Final = 58  # height of the caption below a picture
MARGIN: Final = 56
HEADING: Final = 96  # height of the title
FOOT: Final = 20
TITLE_TOP: Final = 36
NAME_TOP: Final = 8  # from the bottom of the picture
NOTE_TOP: Final = 34  # from the bottom of the picture
TITLE_SIZE: Final = 34
NAME_SIZE: Final = 20
NOTE_SIZE: Final = 14


@dataclass(frozen=True, eq=False)
class Print:
    """One picture of the sheet, its title and a line of text below."""

    pixels: Pixels
    title: str
    note: str = ""


def contact_sheet(
    title: str, prints: Sequence[Print], *, columns: int = 4, first: int = 0
) -> Pixels:
    """Lay all pictures out in rows, numbered from `first`; the number 0 is not printed."""
    rows = -(-len(prints) // columns)
    width = 2 * MARGIN + columns * FRAME + (columns - 1) * GAP
    height = HEADING + MARGIN + rows * (FRAME + LABEL + GAP) + FOOT
    sheet = Pillow.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, TITLE_TOP), title, fill=INK, font=ImageFont.load_default(TITLE_SIZE))
    for index, one in enumerate(prints):
        row, column = divmod(index, columns)
        left = MARGIN + column * (FRAME + GAP)
        top = HEADING + row * (FRAME + LABEL + GAP)
        _hang(sheet, draw, one, (left, top), number=first + index)
    return np.asarray(sheet)


def _hang(
    sheet: Pillow.Image, draw: ImageDraw.ImageDraw, one: Print, at: tuple[int, int], *, number: int
) -> None:
    """Draw one picture with its caption; `at` is its top left corner."""
    left, top = at
    sheet.paste(_square(one.pixels), (left, top))
    name = f"{number:02d}  {one.title}" if number else one.title
    name_font = ImageFont.load_default(NAME_SIZE)
    draw.text((left, top + FRAME + NAME_TOP), name, fill=INK, font=name_font)
    note_font = ImageFont.load_default(NOTE_SIZE)
    draw.text((left, top + FRAME + NOTE_TOP), one.note, fill=FAINT, font=note_font)


def _square(pixels: Pixels) -> Pillow.Image:
    """Scale the picture into a square of FRAME pixels, on a plain ground where it is not square."""
    picture = Pillow.fromarray(pixels)
    picture.thumbnail((FRAME, FRAME), Pillow.Resampling.LANCZOS)
    if picture.size == (FRAME, FRAME):
        return picture
    mount = Pillow.new("RGB", (FRAME, FRAME), MOUNT)
    mount.paste(picture, ((FRAME - picture.width) // 2, (FRAME - picture.height) // 2))
    return mount
