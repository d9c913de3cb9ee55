"""Template filters that put a platform's capabilities into words."""

from django import template
from django.utils.translation import gettext

from integrations.capabilities import Capability
from integrations.platforms.base import PlatformKind

register = template.Library()


@register.filter
def kind_label(capability: Capability) -> str:
    """Say who sets the picture on this platform: an app, an administrator, this server, or you."""
    if capability.kind == PlatformKind.API:
        return gettext("API: you let an app")
    if capability.kind == PlatformKind.ADMIN:
        return gettext("Admin: an administrator lets an app")
    if capability.kind == PlatformKind.SERVED:
        return gettext("Served: this Facet shows it")
    return gettext("Hand-off: you put it there")


@register.filter
def confidence_label(capability: Capability) -> str:
    """Say how well the platform documents what is used there."""
    if capability.experimental:
        return gettext("experiment")
    if capability.confidence == "high":
        return gettext("well documented")
    if capability.confidence == "medium":
        return gettext("partly documented")
    return gettext("hardly documented")
