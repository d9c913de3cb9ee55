"""What templates need to show film: who hangs where, how far a sheet is, the person's colour."""

from collections.abc import Iterable
from typing import Any

from django import template

from branding.kits.selectors import kit_of
from headshots.models import Variant

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
def lit(done: int, total: int) -> str:
    """The class of the mark when so many of all are done."""
    return f"lit-{FACETS * done // total if total else 0}"


@register.simple_tag(takes_context=True)
def accent(context: dict[str, Any]) -> str:
    """The person's own colour, if they gave one."""
    user = getattr(context.get("request"), "user", None)
    return kit_of(user).accent if user is not None and user.is_authenticated else ""
