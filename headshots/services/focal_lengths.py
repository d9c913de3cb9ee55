"""The focal length of a photo, on its way from the upload to the check.

It is metadata of the uploaded file, which is not stored: it waits in the cache until the worker has
computed the distance of the camera, and for an hour for another check.
"""

from typing import Any, Final

from django.core.cache import cache

LIFETIME_SECONDS: Final = 3_600


def remember_focal_share(photo_id: Any, focal_share: float | None) -> None:
    """Keep a focal length over the longer side of a photo for LIFETIME_SECONDS, if it is known."""
    if focal_share is not None:
        cache.set(f"focal:{photo_id}", focal_share, LIFETIME_SECONDS)


def recall_focal_share(photo_id: Any) -> float | None:
    """Return what `remember_focal_share` kept; None if there is nothing."""
    focal_share = cache.get(f"focal:{photo_id}")
    return None if focal_share is None else float(focal_share)
