"""Absolute URLs under which this server publishes something of an account."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from headshots.models import Variant
from integrations.content_credentials import recognition
from integrations.models import AvatarAddress, CalendarAddress, HandOff


def avatar_url(address: AvatarAddress | None) -> str:
    """Return the unguessable URL of a picture, or '' if there is none. It may be disabled."""
    return absolute_url("web:avatar", address.token) if address else ""


def named_avatar_url(name: str, place: str) -> str:
    """Return the URL of the picture for a place under the account's public name."""
    return absolute_url("web:avatar_named", name, place)


def calendar_url(address: CalendarAddress | None) -> str:
    """Return the URL of the iCalendar feed, or '' if it is not enabled."""
    return absolute_url("web:calendar", address.token) if address and address.is_open else ""


def handoff_phone_url(handoff: HandOff) -> str:
    """Return a signed URL that opens one hand-off on a phone; valid for half an hour."""
    return absolute_url("web:phone", handoff.link)


def jury_url(token: str) -> str:
    """Return the secret URL at which people answer a question about headshots."""
    return absolute_url("web:jury_vote", token)


def proof_urls(variant: Variant) -> tuple[str, str] | None:
    """Return the URLs of a headshot's public proof and its badge, which its owner may allow.

    None where it was not measured that the face was not generated, or verifying is turned off.
    """
    if not (settings.VERIFY_PAGE and recognition.is_provable(variant)):
        return None
    token = recognition.proof_token(variant)
    return absolute_url("web:proof", token), absolute_url("web:proof_badge", token)


def absolute_url(url_name: str, *arguments: Any) -> str:
    """Return the URL of a view at SITE_URL, whatever host a request was sent to."""
    return settings.SITE_URL + reverse(url_name, args=arguments)
