"""How large headshots can be: as large as somebody wishes, where the photo has the pixels."""

from collections.abc import Sequence
from typing import Final

from headshots.models import Photo

# Pixels a side. Ten large headshots of a photo of 12 megapixels stay below 800 MB; at 2048 pixels,
# which the command makes, they take 860 MB.
SMALL_SIZE, FULL_SIZE, LARGE_SIZE = 512, 1024, 1536
# Pixels of a photo's shorter side from which a headshot of full size is made.
FULL_SIZE_MIN_SIDE: Final = 800
# Pixels a side of the square around head and shoulders from which large headshots are made: most
# looks show about as much, so that a pixel of the photo becomes at most 1.25 of the headshot.
LARGE_SIZE_MIN_HEAD_BOX: Final = 1_230


def choose_size(photos: Sequence[Photo], *, wished: int = FULL_SIZE) -> int:
    """Return the size of headshots, in pixels a side: the wished one, or what the photos allow."""
    return min(wished, max(largest_size(photo) for photo in photos))


def largest_size(photo: Photo) -> int:
    """Return the largest size for which a photo has the pixels; FULL_SIZE until it is checked."""
    if min(photo.width, photo.height) < FULL_SIZE_MIN_SIDE:
        return SMALL_SIZE
    _, _, width, height = map(float, (photo.view_box or "0 0 0 0").split())
    return LARGE_SIZE if min(width, height) >= LARGE_SIZE_MIN_HEAD_BOX else FULL_SIZE


def can_be_large(photo: Photo) -> bool:
    """Whether a photo has the pixels for large headshots."""
    return largest_size(photo) == LARGE_SIZE
