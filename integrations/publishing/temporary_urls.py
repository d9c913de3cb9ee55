"""Short-lived public URLs of pictures, for platforms that fetch a picture from a URL."""

import secrets
from dataclasses import replace
from typing import Final

from django.conf import settings
from django.core.cache import cache

from integrations.auth.client_metadata import is_public_site
from integrations.platforms.base import Rendition

LIFETIME_MINUTES: Final = 10
URL_PATH: Final = "/lent/{token}.{form}"


def attach_temporary_url(rendition: Rendition) -> Rendition:
    """Return the rendition with a secret URL; without one if this server is not public."""
    if not (is_public_site(settings.SITE_URL) or settings.OPEN_LOOPBACK):
        return rendition
    token = secrets.token_urlsafe(24)
    cache.set(_cache_key(token), (rendition.image_format, rendition.data), LIFETIME_MINUTES * 60)
    url = settings.SITE_URL + URL_PATH.format(token=token, form=rendition.image_format)
    return replace(rendition, url=url)


def read_temporary_file(token: str) -> tuple[str, bytes] | None:
    """Return the format and the bytes of the picture behind a token; None once it has expired."""
    return cache.get(_cache_key(token))


def _cache_key(token: str) -> str:
    return f"lent:{token}"
