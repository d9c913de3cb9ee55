"""Headshots without a background: made by a worker when they are asked for, and not stored."""

from typing import Final

from asgiref.sync import async_to_sync

from headshots.errors import NotReady
from headshots.models import Variant
from headshots.selectors import can_be_adjusted, recipe_of
from headshots.services.previews import ask_worker

# A worker may have to prepare the photo first, which takes some seconds.
TIMEOUT_SECONDS: Final = 30.0


def request_cut_out(variant: Variant, side: int) -> bytes:
    """Return the person of a headshot as a PNG with transparency, `side` pixels a side.

    Raises NotReady if the headshot cannot be made again, WorkerBusy, and a FacetError with the
    code `quality` where the cut-out is not clean enough.
    """
    if not can_be_adjusted(variant) or variant.photo is None:
        raise NotReady(
            "This headshot cannot be cut out.",
            advice="Choose one that was made from a photo that you still have.",
        )
    request = {
        "look": variant.look,
        "steps": recipe_of(variant).to_plain_data(),
        "size": variant.render.size,
        "seed": variant.render.seed,
        "side": side,
        "source_type": variant.source_type,
    }
    return async_to_sync(ask_worker)(
        "headshots.render_cut_out", variant.photo.picture, request, timeout_seconds=TIMEOUT_SECONDS
    )
