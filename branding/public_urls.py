"""The addresses in full under which this server shows something of a person's to others."""

from django.conf import settings
from django.urls import reverse

from integrations.models import AvatarAddress, CalendarAddress, HandOff


def avatar_url(address: AvatarAddress | None) -> str:
    """The secret address of a picture, open or not; '' if there never was one."""
    return _full("web:avatar", address.token) if address else ""


def named_url(name: str, place: str) -> str:
    """The address of a place under a public name."""
    return _full("web:avatar_named", name, place)


def calendar_url(address: CalendarAddress | None) -> str:
    """The address of a calendar for other programs; '' if it is not open."""
    return _full("web:calendar", address.token) if address and address.is_open else ""


def phone_url(handoff: HandOff) -> str:
    """The address that opens one hand-off on a phone, for half an hour from now."""
    return _full("web:phone", handoff.link)


def _full(name: str, *arguments: str) -> str:
    return settings.SITE_URL + reverse(name, args=arguments)
