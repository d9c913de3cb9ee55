"""What templates need to show film: who hangs where, how far a sheet is, the person's colour."""

from collections.abc import Iterable
from typing import Any

from django import template

from branding.kits.selectors import kit_of
from headshots.models import Photo, Variant

HEADROOM = 1.9  # times the head, in a small picture of a photo
FACETS = 8  # of the mark

register = template.Library()


@register.filter
def at(found: Any, key: Any) -> Any:
    """The value of a dictionary, or nothing."""
    return found.get(key) if hasattr(found, "get") else None


@register.filter
def developed(variants: Iterable[Variant]) -> int:
    """How many are not waiting any more."""
    return sum(not variant.is_waiting for variant in variants)


@register.filter
def failed(variants: Iterable[Variant]) -> bool:
    """Whether some could not be made and may be tried again."""
    return any(variant.state == Variant.State.FAILED for variant in variants)


@register.filter
def unmade(variants: Iterable[Variant]) -> list[Variant]:
    """Those that will not come, one for each reason."""
    ends = (Variant.State.FAILED, Variant.State.REJECTED)
    return list({one.reason: one for one in variants or () if one.state in ends}.values())


@register.filter
def ready(variants: Iterable[Variant]) -> int:
    """How many can be looked at."""
    return sum(variant.is_ready for variant in variants or ())


@register.filter
def around_head(photo: Photo) -> str:
    """A square viewBox around the head, inside the photo; its upper middle if none was found."""
    box = photo.view_box or f"0 0 {photo.width} {min(photo.width, photo.height)}"
    left, top, width, height = map(float, box.split())
    side = min(max(width, height) * HEADROOM, photo.width, photo.height)
    x = min(max(left + width / 2 - side / 2, 0), photo.width - side)
    y = min(max(top + height / 2 - side / 2, 0), photo.height - side)
    return f"{x:.0f} {y:.0f} {side:.0f} {side:.0f}"


@register.filter
def lit(done: int, total: int) -> str:
    """The class of the mark when so many of all are done."""
    return f"lit-{FACETS * done // total if total else 0}"


@register.simple_tag(takes_context=True)
def accent(context: dict[str, Any]) -> str:
    """The person's own colour, if they gave one."""
    user = getattr(context.get("request"), "user", None)
    return kit_of(user).accent if user is not None and user.is_authenticated else ""
