"""Absolute URLs under which this server publishes something of an account."""

from django.conf import settings
from django.urls import reverse

from integrations.models import AvatarAddress, CalendarAddress, HandOff


def avatar_url(address: AvatarAddress | None) -> str:
    """Return the unguessable URL of a picture, or '' if there is none. It may be disabled."""
    return _full("web:avatar", address.token) if address else ""


def named_url(name: str, place: str) -> str:
    """Return the URL of the picture for a place under the account's public name."""
    return _full("web:avatar_named", name, place)


def calendar_url(address: CalendarAddress | None) -> str:
    """Return the URL of the iCalendar feed, or '' if it is not enabled."""
    return _full("web:calendar", address.token) if address and address.is_open else ""


def phone_url(handoff: HandOff) -> str:
    """Return a signed URL that opens one hand-off on a phone; valid for half an hour."""
    return _full("web:phone", handoff.link)


def _full(name: str, *arguments: str) -> str:
    return settings.SITE_URL + reverse(name, args=arguments)
