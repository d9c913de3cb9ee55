"""Find the regions of a photo that pages show: head and shoulders, and the faces to choose from.

Only boxes are stored. A box says where a face is, and describes nothing of it.
"""

from typing import Final

import numpy as np

from headshots.engine.analysis import faces
from headshots.engine.errors import EngineError, TurnedPhoto
from headshots.engine.results import PreparedPhoto
from headshots.engine.types import Box
from headshots.errors import FacetError
from headshots.models import Photo
from headshots.storage import pictures

# The square that pages show of a photo, in heights of the head; chosen by eye.
HEAD_BOX_HALF_SIDE: Final = 0.95  # half its side
HEAD_BOX_DROP: Final = 0.1  # how far its middle is below the middle of the head

SHARE_DIGITS: Final = 4  # a ten-thousandth of a side is less than a pixel


def find_head_box(source: PreparedPhoto) -> Box:
    """Return a square around head and shoulders, in photo pixels."""
    head, crop_transform = source.subject.head, source.subject.to_canvas
    half_side = HEAD_BOX_HALF_SIDE * head.height
    middle_y = (head.crown + head.chin) / 2 + HEAD_BOX_DROP * head.height
    corners = np.array(
        [
            [head.axis - half_side, middle_y - half_side],
            [head.axis + half_side, middle_y + half_side],
        ]
    )
    return Box(*map(float, crop_transform.apply_inverse(corners).ravel()))


def find_face_boxes(photo: Photo, outcome: PreparedPhoto | FacetError) -> list[list[float]] | None:
    """Return the boxes of all faces as `Photo.faces` keeps them; None where they are not known.

    Boxes that are known already are kept, so that the index of the chosen face stays true. The
    faces of a photo that must be turned first are not looked for.
    """
    if photo.faces is not None:
        return list(photo.faces)
    if isinstance(outcome, TurnedPhoto) or not isinstance(outcome, PreparedPhoto | EngineError):
        return None
    if isinstance(outcome, PreparedPhoto) and outcome.subject.faces_found == 1:
        face = outcome.subject.photo_face
        boxes = [faces.share_box(face.box, width=photo.width, height=photo.height)]
    else:
        boxes = faces.locate_faces(pictures.read_pixels(photo.picture))
    return [
        [round(value, SHARE_DIGITS) for value in (box.left, box.top, box.width, box.height)]
        for box in boxes
    ]
