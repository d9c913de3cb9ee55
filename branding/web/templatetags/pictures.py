"""Template tags for stored pictures: their addresses, and the part of a photo to show."""

from functools import cache
from typing import Any

from django import template
from django.urls import reverse

from headshots.models import Photo
from headshots.wording import CONSENT_TEXT

PLACEHOLDER_NAME = "0" * 40  # has the form of a picture's name; no picture has it
HEAD_MARGIN = 1.9  # side of the square around a head, in heads
# Shares of the photo's width: margin around a face, and the smallest side of what is tapped, so
# that it has 24 pixels or more on a phone (WCAG 2.2, criterion 2.5.8).
FACE_MARGIN, MIN_AREA_SIDE = 0.01, 0.08

register = template.Library()


@register.simple_tag
def picture_url(name: str, size: str | int = "full") -> str:
    """Return the address of a stored picture: `{% picture_url variant.picture 400 %}`.

    `size` is one of `headshots.storage.pictures.SIZES`.
    """
    return _url_pattern().replace(PLACEHOLDER_NAME, name).replace("size.jpg", f"{size}.jpg")


@register.simple_tag
def consent_text() -> str:
    """Return what a person says by uploading a photo."""
    return str(CONSENT_TEXT)


@cache
def _url_pattern() -> str:
    """Return the URL of a picture with placeholders; cached, since a page may show hundreds."""
    return reverse("web:picture", args=[PLACEHOLDER_NAME, "size"])


@register.filter
def head_view_box(photo: Photo) -> str:
    """Return an SVG viewBox that shows a square around the head in a photo.

    Where no head was found, the square is the upper part of the photo.
    """
    box = photo.view_box or f"0 0 {photo.width} {min(photo.width, photo.height)}"
    left, top, width, height = map(float, box.split())
    side = min(max(width, height) * HEAD_MARGIN, photo.width, photo.height)
    x = min(max(left + width / 2 - side / 2, 0), photo.width - side)
    y = min(max(top + height / 2 - side / 2, 0), photo.height - side)
    return f"{x:.0f} {y:.0f} {side:.0f} {side:.0f}"


@register.filter
def face_areas(photo: Photo) -> list[dict[str, Any]]:
    """Return the areas to tap of the faces in a photo, in per cent of its width and height."""
    chosen_index = photo.face or (0 if photo.is_usable else photo.face)
    areas = []
    for index, (left, top, width, height) in enumerate(photo.faces or ()):
        columns = _widen(left, width, 1.0)
        rows = _widen(top, height, photo.width / photo.height)
        areas.append(
            {
                "index": index,
                "is_chosen": index == chosen_index,
                "left": f"{columns[0]:.2%}",
                "top": f"{rows[0]:.2%}",
                "width": f"{columns[1]:.2%}",
                "height": f"{rows[1]:.2%}",
            }
        )
    return areas


def _widen(start: float, length: float, unit: float) -> tuple[float, float]:
    """Return start and length of one side of an area around a face, inside the photo.

    All are shares of the photo's side; `unit` is the photo's width as such a share.
    """
    wide = min(max(length + 2 * FACE_MARGIN * unit, MIN_AREA_SIDE * unit), 1.0)
    return min(max(start + length / 2 - wide / 2, 0.0), 1.0 - wide), wide
