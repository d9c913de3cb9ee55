"""Short-lived public URLs of pictures, for platforms that fetch a picture from a URL."""

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
    """Return the rendition with a secret URL; without one if this server is not public."""
    if not (is_public(settings.SITE_URL) or settings.OPEN_LOOPBACK):
        return rendition
    token = secrets.token_urlsafe(24)
    cache.set(_key(token), (rendition.form, rendition.data), MINUTES * 60)
    url = settings.SITE_URL + PATH.format(token=token, form=rendition.form)
    return replace(rendition, url=url)


def lent(token: str) -> tuple[str, bytes] | None:
    """Return the format and the bytes of the picture behind a token; None once it has expired."""
    return cache.get(_key(token))


def _key(token: str) -> str:
    return f"lent:{token}"
