"""Actions on photos after which they are checked again: turn them, choose the face in them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from django.db import transaction

from headshots.engine.errors import UnknownFace
from headshots.errors import NotReady
from headshots.models import Photo
from headshots.selectors import photos_of
from headshots.services.photos import delete_unused_pictures
from headshots.services.queue import CHECK_TASK, enqueue_task
from headshots.storage import pictures

# What a photo is before its check; person and prediction are told anew.
UNCHECKED: Final[dict[str, Any]] = {
    "state": Photo.State.CHECKING,
    "prediction": None,
    "person": None,
    "code": "",
    "message": "",
    "advice": "",
    "attempts": 0,
    "claim": None,
}


def turn_photo(photo: Photo) -> Photo:
    """Turn a photo that lies on its side or stands on its head upright, and check it again.

    Raises NotReady unless its check said so. The photo stays the same row with another picture.
    """
    if not photo.degrees_to_turn:
        raise NotReady("This photo does not need to be turned.", advice="Use it as it is.")
    quarter_turns = photo.degrees_to_turn // 90
    pixels = np.ascontiguousarray(np.rot90(pictures.read_pixels(photo.picture), quarter_turns))
    picture = pictures.store_picture(photo.owner_id, pixels)
    height, width = pixels.shape[:2]
    old_pictures = {photo.picture}
    with transaction.atomic():
        is_known = photos_of(photo.owner).filter(picture=picture).exclude(pk=photo.pk).exists()
        if is_known:
            raise NotReady("You have this photo already.", advice="Delete the turned one.")
        changes = {"picture": picture, "width": width, "height": height}
        if check_again(photo, **changes, faces=None, face=None):
            transaction.on_commit(lambda: delete_unused_pictures(photo.owner_id, old_pictures))
    return Photo.objects.get(pk=photo.pk)


def choose_face(photo: Photo, index: int) -> Photo:
    """Choose the face of a photo from which headshots are made, and check the photo again.

    `index` counts the photo's faces from 0, the largest. Headshots that were made before stay as
    they are. Raises UnknownFace if there is no such face, and NotReady while the faces are not
    known yet.
    """
    if photo.state == Photo.State.CHECKING or photo.faces is None:
        raise NotReady("This photo is still being looked at.")
    if not 0 <= index < len(photo.faces):
        raise UnknownFace.by_index(index, count=len(photo.faces))
    is_chosen = index == photo.face or (index == 0 and photo.face is None and photo.is_usable)
    if not is_chosen:
        with transaction.atomic():
            check_again(photo, face=index)
    return Photo.objects.get(pk=photo.pk)


def check_again(photo: Photo, **changes: Any) -> bool:
    """Change a photo that nobody changed meanwhile, and enqueue its check; say whether it was.

    Must be called in a transaction, after which the message is sent.
    """
    unchanged = Photo.objects.filter(pk=photo.pk, picture=photo.picture, state=photo.state)
    is_changed = bool(unchanged.update(**UNCHECKED, **changes))
    if is_changed:
        enqueue_task(CHECK_TASK, photo.pk)
    return is_changed
