"""Template tags for stored pictures: their addresses, and the part of a photo to show."""

from functools import cache

from django import template
from django.urls import reverse

from headshots.models import Photo

PLACEHOLDER_NAME = "0" * 40  # has the form of a picture's name; no picture has it
HEAD_MARGIN = 1.9  # side of the square around a head, in heads

register = template.Library()


@register.simple_tag
def picture_url(name: str, size: str | int = "full") -> str:
    """Return the address of a stored picture: `{% picture_url variant.picture 400 %}`.

    `size` is one of `headshots.storage.pictures.SIZES`.
    """
    return _url_pattern().replace(PLACEHOLDER_NAME, name).replace("size.jpg", f"{size}.jpg")


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
