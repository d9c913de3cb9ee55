"""Draw the contact sheet: a photo and the headshots made from it, side by side with captions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from headshots.engine.types import Pixels

# sRGB, 0..255.
PAPER_COLOR: Final = (244, 240, 232)
MOUNT_COLOR: Final = (234, 229, 220)  # beside a picture that is not square
INK_COLOR: Final = (38, 34, 30)
FAINT_COLOR: Final = (140, 132, 120)

# Pixels.
PICTURE_SIDE: Final = 400  # side of a picture: the size most platforms show at most
PICTURE_GAP: Final = 28
CAPTION_HEIGHT: Final = 58  # height of the caption below a picture
PAGE_MARGIN: Final = 56
HEADING_HEIGHT: Final = 96  # height of the title
FOOT_HEIGHT: Final = 20
TITLE_TOP: Final = 36
NAME_TOP: Final = 8  # from the bottom of the picture
NOTE_TOP: Final = 34  # from the bottom of the picture
TITLE_SIZE: Final = 34
NAME_SIZE: Final = 20
NOTE_SIZE: Final = 14


@dataclass(frozen=True, eq=False)
class SheetPicture:
    """One picture of the sheet, its title and a line of text below."""

    pixels: Pixels
    title: str
    caption: str = ""


def draw_contact_sheet(
    title: str, pictures: Sequence[SheetPicture], *, columns: int = 4, first_number: int = 0
) -> Pixels:
    """Lay all pictures out in rows, numbered from `first_number`; the number 0 is not printed."""
    rows = -(-len(pictures) // columns)
    width = 2 * PAGE_MARGIN + columns * PICTURE_SIDE + (columns - 1) * PICTURE_GAP
    height = (
        HEADING_HEIGHT
        + PAGE_MARGIN
        + rows * (PICTURE_SIDE + CAPTION_HEIGHT + PICTURE_GAP)
        + FOOT_HEIGHT
    )
    sheet = Pillow.new("RGB", (width, height), PAPER_COLOR)
    draw = ImageDraw.Draw(sheet)
    draw.text(
        (PAGE_MARGIN, TITLE_TOP), title, fill=INK_COLOR, font=ImageFont.load_default(TITLE_SIZE)
    )
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        left = PAGE_MARGIN + column * (PICTURE_SIDE + PICTURE_GAP)
        top = HEADING_HEIGHT + row * (PICTURE_SIDE + CAPTION_HEIGHT + PICTURE_GAP)
        _draw_picture(sheet, draw, picture, (left, top), number=first_number + index)
    return np.asarray(sheet)


def _draw_picture(
    sheet: Pillow.Image,
    draw: ImageDraw.ImageDraw,
    picture: SheetPicture,
    corner: tuple[int, int],
    *,
    number: int,
) -> None:
    """Draw one picture with its caption; `corner` is its top left corner."""
    left, top = corner
    sheet.paste(_fit_square(picture.pixels), (left, top))
    numbered_title = f"{number:02d}  {picture.title}" if number else picture.title
    name_font = ImageFont.load_default(NAME_SIZE)
    draw.text((left, top + PICTURE_SIDE + NAME_TOP), numbered_title, fill=INK_COLOR, font=name_font)
    note_font = ImageFont.load_default(NOTE_SIZE)
    draw.text(
        (left, top + PICTURE_SIDE + NOTE_TOP), picture.caption, fill=FAINT_COLOR, font=note_font
    )


def _fit_square(pixels: Pixels) -> Pillow.Image:
    """Scale the picture into a square of FRAME pixels, on a plain ground where it is not square."""
    picture = Pillow.fromarray(pixels)
    picture.thumbnail((PICTURE_SIDE, PICTURE_SIDE), Pillow.Resampling.LANCZOS)
    if picture.size == (PICTURE_SIDE, PICTURE_SIDE):
        return picture
    mount = Pillow.new("RGB", (PICTURE_SIDE, PICTURE_SIDE), MOUNT_COLOR)
    mount.paste(
        picture, ((PICTURE_SIDE - picture.width) // 2, (PICTURE_SIDE - picture.height) // 2)
    )
    return mount
