"""Template tags that belong to no one feature."""

from typing import Any

from django import template

from branding.kits.selectors import kit_of

register = template.Library()


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """Return the value of a dictionary for a key that is a variable: `{{ counts|lookup:name }}`.

    It is None where the key, or the dictionary, is missing.
    """
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag(takes_context=True)
def brand_color(context: dict[str, Any]) -> str:
    """Return the accent colour of the signed-in person's kit, or an empty string."""
    user = getattr(context.get("request"), "user", None)
    return kit_of(user).accent if user is not None and user.is_authenticated else ""
