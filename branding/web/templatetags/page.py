"""Template tags that belong to no one feature."""

from typing import Any

from django import template
from django.conf import settings

from branding.accounts.models import Trial
from branding.accounts.trials import find_trial
from branding.kits.selectors import kit_of
from branding.web.journey import Journey, journey_of

register = template.Library()


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """Return the value of a dictionary for a key that is a variable: `{{ counts|lookup:name }}`.

    It is None where the key, or the dictionary, is missing.
    """
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag
def offered_languages() -> list[tuple[str, Any]]:
    """Return code and own name of the languages to choose from; none where there is but one."""
    return list(settings.LANGUAGES) if len(settings.LANGUAGES) > 1 else []


@register.simple_tag(takes_context=True)
def brand_color(context: dict[str, Any]) -> str:
    """Return the accent colour of the signed-in person's kit, or an empty string."""
    user = getattr(context.get("request"), "user", None)
    return kit_of(user).accent if user is not None and user.is_authenticated else ""


@register.simple_tag(takes_context=True)
def journey(context: dict[str, Any]) -> Journey | None:
    """Return how far the signed-in person has come; None without one. Asked once a request."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return None
    if not hasattr(request, "journey"):
        request.journey = journey_of(user)
    return request.journey


@register.simple_tag(takes_context=True)
def kept_trial(context: dict[str, Any]) -> Trial | None:
    """Return the trial that is kept if its visitor signs up or in now; None without one."""
    return find_trial(context["request"])
