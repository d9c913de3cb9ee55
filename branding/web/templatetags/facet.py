"""What templates need to speak of stored pictures."""

from functools import cache

from django import template
from django.urls import reverse

from headshots.engine import thresholds

ANY = "0" * 40  # a name that no picture has

register = template.Library()


@register.simple_tag
def picture_url(name: str, size: str | int = "full") -> str:
    """The address of one size of a stored picture."""
    return _route().replace(ANY, name).replace("size.jpg", f"{size}.jpg")


@cache
def _route() -> str:
    """Where pictures lie, looked up once: one page of film asks hundreds of times."""
    return reverse("web:picture", args=[ANY, "size"])


@register.simple_tag
def likeness_limit() -> float:
    """The distance to the photo above which no headshot is shown."""
    return thresholds.LIKENESS


@register.filter
def in_tens(percent: int) -> int:
    """Progress as a step of ten, for a class name."""
    return percent // 10 * 10
