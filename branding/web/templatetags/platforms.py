"""Template tags of platforms: their marks, and their capabilities in words."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext

from integrations.capabilities import Capability
from integrations.platforms.base import PlatformKind

register = template.Library()


@register.simple_tag
def platform_mark(slug: str, side: int = 20) -> str:
    """Return the mark of a platform as a small drawing; its name stands beside it."""
    return format_html(
        '<svg class="platform-mark" width="{1}" height="{1}" aria-hidden="true" focusable="false">'
        '<use href="{2}#{0}"></use></svg>',
        slug,
        side,
        static("web/img/platforms.svg"),
    )


@register.filter
def kind_label(capability: Capability) -> str:
    """Say who sets the picture on this platform: an app, an administrator, this server, or you."""
    if capability.kind == PlatformKind.API:
        return gettext("Facet, once you connect it")
    if capability.kind == PlatformKind.ADMIN:
        return gettext("Facet, once your organisation's administrator connects it")
    if capability.kind == PlatformKind.SERVED:
        return gettext("this server")
    return gettext("you, with our file")


@register.filter
def confidence_label(capability: Capability) -> str:
    """Say how well the platform documents what is used there."""
    if capability.experimental:
        return gettext("experimental")
    if capability.confidence == "high":
        return gettext("well documented")
    if capability.confidence == "medium":
        return gettext("partly documented")
    return gettext("hardly documented")
