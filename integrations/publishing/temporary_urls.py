"""An open address for some minutes, where a platform wants to fetch a picture itself."""

import secrets
from dataclasses import replace
from typing import Final

from django.conf import settings
from django.core.cache import cache

from integrations.auth.client_metadata import is_public
from integrations.platforms.base import Rendition

MINUTES: Final = 10
PATH: Final = "/lent/{token}.{form}"


def lend(rendition: Rendition) -> Rendition:
    """The same picture with an address nobody can guess; without one if nobody reaches us."""
    if not (is_public(settings.SITE_URL) or settings.OPEN_LOOPBACK):
        return rendition
    token = secrets.token_urlsafe(24)
    cache.set(_key(token), (rendition.form, rendition.data), MINUTES * 60)
    url = settings.SITE_URL + PATH.format(token=token, form=rendition.form)
    return replace(rendition, url=url)


def lent(token: str) -> tuple[str, bytes] | None:
    """Form and bytes of what is lent under a token, while it is."""
    return cache.get(_key(token))


def _key(token: str) -> str:
    return f"lent:{token}"
