"""Find the pixels of the chosen person with a segmentation network.

The probability is averaged over several views: the whole picture, a bust and a head, each twice
(mirrored too). Lengths called face heights are heights of the mesh from its highest to its lowest
point; the constants were chosen by eye on the development photos.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.analysis import background_colors, people
from headshots.engine.geometry import clip_box, crop_to_box, round_kernel
from headshots.engine.networks import perception
from headshots.engine.types import FACE_POINTS, Box, Image, Mask, Pixels, Points

SOLID_ALPHA = 0.5  # from it a pixel belongs to the person
VIEW_REACHES = (1.9, 1.15)  # face heights from the middle of the face to the sides of a view
VIEWS_PER_CROP = 2
PERSON_MARGIN = 0.06  # face heights around the whole view's person in which closer views count
SURE_PROBABILITY = 0.85
FRINGE_WIDTH = 0.1  # face heights around sure pixels in which doubtful ones may be hair
# Below the chin the probability is made steeper around 0.5: cloth has no soft edge as hair has.
BODY_CONTRAST = 3
CONNECTED_ALPHA = 0.4  # pieces of the mask are connected where it is above this
NEIGHBOUR_SIZE = 9  # pixels: the soft edge that is kept around a connected piece
FACE_SEEDS = [1, 4, 152]  # mesh points on nose and chin, which lie inside the chosen person


def segment_chosen_person(pixels: Pixels, landmarks: Points, other_landmarks: list[Points]) -> Mask:
    """Return the probability, H×W, that a pixel belongs to the person with these landmarks.

    `other_landmarks` are those of further people in the picture, who are background.
    """
    person_mask = people.separate_person(
        _segment_views(pixels, landmarks), pixels, landmarks, other_landmarks
    )
    person_mask = people.fill_body(keep_connected(person_mask, landmarks), landmarks)
    person_mask = background_colors.remove_background_colors(person_mask, pixels, landmarks)
    return keep_connected(person_mask, landmarks)


def _segment_views(small_pixels: Pixels, landmarks: Points) -> Mask:
    """Average the segmentation over several views: whole, bust and head, each also mirrored.

    The network works at 256×256 whatever it is given, so closer views bring a sharper contour.
    Where the views disagree the mean is near 0.5, and the matting decides.
    """
    face_height = float(np.ptp(landmarks[:FACE_POINTS, 1]))
    center_x, center_y = landmarks[:FACE_POINTS].mean(axis=0)
    whole_views = _segment_mirrored(small_pixels)
    total = whole_views.sum(axis=0)
    view_count = np.full(small_pixels.shape[:2], VIEWS_PER_CROP, np.float32)
    for reach in (face_heights * face_height for face_heights in VIEW_REACHES):
        view_box = Box(center_x - reach, center_y - reach, center_x + reach, center_y + reach)
        clipped_box = clip_box(view_box, width=small_pixels.shape[1], height=small_pixels.shape[0])
        crop_to_box(total, clipped_box)[:] += _segment_mirrored(
            crop_to_box(small_pixels, clipped_box)
        ).sum(axis=0)
        crop_to_box(view_count, clipped_box)[:] += VIEWS_PER_CROP
    # A close view may take people beside the head for the person; both whole views seldom do.
    person_area = cv2.dilate(
        (whole_views.min(axis=0) > SOLID_ALPHA).astype(np.float32),
        round_kernel(PERSON_MARGIN * face_height),
    )
    person_mask = total / view_count * person_area
    person_mask = _remove_doubtful(person_mask, face_height)
    # Below the chin there is cloth, not hair: half a probability is somebody behind a shoulder.
    chin_row = int(np.clip(landmarks[152, 1], 0, len(person_mask)))
    person_mask[chin_row:] = np.clip((person_mask[chin_row:] - 0.5) * BODY_CONTRAST + 0.5, 0, 1)
    return np.asarray(person_mask, np.float32)


def _remove_doubtful(person_mask: Mask, face_height: float) -> Mask:
    """Remove wide areas in which the network is undecided: chairs, screens and people behind.

    Hair that it is undecided about forms a narrow fringe around what it is sure of.
    """
    sure = (person_mask > SURE_PROBABILITY).astype(np.uint8)
    near_sure = cv2.dilate(sure, round_kernel(FRINGE_WIDTH * face_height)) > 0
    doubtful = (person_mask < SURE_PROBABILITY) & ~near_sure
    return np.where(doubtful, 0, person_mask)


def _segment_mirrored(picture: Pixels) -> Image:
    """Segment the picture and the mirrored picture, mirrored back; 2×H×W."""
    mirrored = perception.segment_person(np.ascontiguousarray(picture[:, ::-1]))[:, ::-1]
    return np.stack([perception.segment_person(picture), mirrored])


def keep_connected(alpha: NDArray[Any], landmarks: Points) -> Mask:
    """Set every piece to zero that is not connected to the face: people and things behind."""
    _, labels = cv2.connectedComponents((alpha > CONNECTED_ALPHA).astype(np.uint8))
    height, width = alpha.shape
    seed_points = np.clip(landmarks[FACE_SEEDS].astype(int), 0, (width - 1, height - 1))
    face_labels = set(labels[seed_points[:, 1], seed_points[:, 0]]) - {0}
    connected_mask = np.isin(labels, list(face_labels)).astype(np.uint8)
    kept_area = cv2.dilate(connected_mask, np.ones((NEIGHBOUR_SIZE, NEIGHBOUR_SIZE), np.uint8))
    return np.where(kept_area > 0, alpha, 0).astype(np.float32)
