"""Tell the chosen person from other people and from what stands behind, by body and by focus.

A segmentation network marks every person, and often what touches one. Three things tell whose
pixels these are: how near they lie to where head and body of each face must be, in units of that
face; whether they are as sharp as the chosen face; and whether they are connected to it (see
segmentation.keep_connected). Lengths called face heights are heights of the mesh from its highest
to its lowest point; the constants were chosen by eye on the development photos.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.graph import MCP_Geometric

from headshots.engine.geometry import round_kernel
from headshots.engine.types import CHIN_POINT, FACE_POINTS, Mask, Pixels, Points

# Head with hair: an ellipse around a point above the middle of the mesh, in face heights.
HEAD_AXES = (0.56, 0.80)  # half axes
HEAD_RISE = 0.10
HEAD_RIM = 0.15  # the rim that may belong to somebody else
NOSE_POINT = 1  # mesh point on the tip of the nose
TURN_SHIFT = 1.2  # of the nose's offset: where the head of a turned face lies, on the other side
# Body: corners of its right half from the axis of the face and below the chin, in face heights.
NECK, SHOULDER, ARM = (0.28, -0.1), (1.1, 0.55), (1.3, 1.1)
BODY_RIM = 0.3  # the rim at each side that may belong to somebody else
BODY_SIZE = 0.6  # of the chosen face's height: of smaller ones the body may be hidden
FAR_SIZE = 0.3  # of the chosen face's height: smaller ones are far behind, seen down to the legs
FAR_LENGTH = 6  # heights of such a face below its chin that are surely body

# Border between people: it lies where the paths from both cost the same.
SOLID = 0.5  # probability from which a pixel counts as the person
POSSIBLE = 0.2  # probability from which a pixel may be the person
PATH_SIDE = 224  # pixels of the longer side at which paths are searched
EDGE_WEIGHT = 2.0  # cost of crossing an edge of one unit of CIELAB, against a step of its length
MAX_LOGIT = 9
BORDER_SOFTNESS = 0.05  # difference of costs, in face heights: the matting decides within it

# A face on the chosen person's clothes: so much smaller, its middle inside the body.
PRINTED_SIZE = 0.55  # of the chosen face's height

# Focus. Blur is estimated from how much of the gradient remains after blurring once more (S. Zhuo
# and T. Sim, "Defocus map estimation from a single image", Pattern Recognition 44(9), 2011).
FIRST_BLUR, SECOND_BLUR = 0.003, 0.0075  # face heights, standard deviations
MIN_BLUR = 0.5  # pixels
FOCUS_WINDOW = 0.04  # face heights over which gradients are averaged
NOISE_GRADIENT = 16.0  # squared gradient, of 8-bit luma, below which nothing is known
OUT_OF_FOCUS = 0.42  # share of the face's sharpness below which a piece lies behind it
SOFT_FOCUS = 0.65  # share up to which its surroundings belong to it
BODY_MARGIN = 0.1  # face heights around the chosen person's head and body that are never behind
MIN_RADIUS = 0.05  # face heights: thinner pieces may be hair
MIN_PIECE = 0.005  # squared face heights left of a piece without that rim
# Face heights inside the face's outline that are left to the edges of the picture beside such a
# piece: the mesh may reach a little beyond the cheek.
CHEEK_MARGIN = 0.12
BESIDE_HEAD = 0.15  # face heights below the chin: further down are the person's own shoulders
# Face heights above the chin that a piece must reach: own shoulders, raised or leaning forward, do
# not, and are as smooth as what is out of focus.
ABOVE_SHOULDERS = 0.3


def separate_person(
    person_mask: Mask, small_pixels: Pixels, landmarks: Points, others: Sequence[Points]
) -> Mask:
    """Weaken the probability, H×W, of pixels that rather belong to what is behind or beside.

    `landmarks` and `others` are the landmarks of the chosen face and of further ones, in pixels.
    What lies behind is other heads and bodies, and pieces that are far less sharp than the face;
    the border follows the edges of the picture.
    """
    shape = person_mask.shape
    bodies = [points for points in others if not _is_printed_on(points, landmarks)]
    own_core = draw_core(shape, landmarks, body_rim=BODY_RIM if bodies else 0)
    behind = _find_unfocused(person_mask, small_pixels, landmarks)
    chin_row = max(0, int(landmarks[CHIN_POINT, 1]))
    own_core[:chin_row] &= ~_enlarge(behind, CHEEK_MARGIN * _face_height(landmarks))[:chin_row]
    for points in bodies:
        size = _face_height(points) / _face_height(landmarks)
        behind |= draw_core(shape, points, body_rim=BODY_RIM if size > BODY_SIZE else None)
        if size < FAR_SIZE:
            behind |= _draw_far_body(person_mask, points)
    contested = own_core & behind & ~draw_mesh(shape, landmarks)
    behind, own_core = behind & ~own_core, own_core & ~contested
    if not (behind & (person_mask > POSSIBLE)).any():
        return person_mask
    own_cost, behind_cost = _measure_path_costs(
        small_pixels, (own_core, behind), _face_height(landmarks)
    )
    margin = np.clip((behind_cost - own_cost) / BORDER_SOFTNESS, -MAX_LOGIT, MAX_LOGIT)
    share = 1 / (1 + np.exp(-margin))
    return np.asarray(person_mask * np.where(own_core, 1, share), np.float32)


def find_strangers(alpha: Mask, landmarks: Points, others: Sequence[Points]) -> Mask:
    """Return how much of another person's face is in the cut-out, H×W; prints do not count."""
    strangers = np.zeros(alpha.shape, np.float32)
    for points in others:
        if not _is_printed_on(points, landmarks):
            strangers[draw_mesh(alpha.shape, points)] = 1
    strangers[draw_mesh(alpha.shape, landmarks)] = 0
    return strangers * alpha


def fill_body(person_mask: Mask, landmarks: Points) -> Mask:
    """Fill holes in the body, H×W: prints and pictures on clothes that the network takes for gaps.

    The lower edge of the picture closes a hole, too. Gaps beside the body, as under an arm, stay.
    """
    solid = np.vstack([person_mask > SOLID, np.ones((1, person_mask.shape[1]), bool)])
    body = _draw_body(person_mask.shape, landmarks) > 0
    holes = ndimage.binary_fill_holes(solid)[:-1] & ~solid[:-1] & body
    return np.where(holes, 1, person_mask).astype(np.float32)


def draw_mesh(shape: tuple[int, ...], landmarks: Points) -> NDArray[np.bool_]:
    """Draw the convex hull of a face's landmarks, H×W."""
    face_area = np.zeros(shape[:2], np.uint8)
    hull = cv2.convexHull(np.round(landmarks[:FACE_POINTS]).astype(np.int32))
    cv2.fillConvexPoly(face_area, hull, 1)
    return face_area > 0


def _measure_path_costs(
    small_pixels: Pixels, seeds: Sequence[NDArray[np.bool_]], face_height: float
) -> list[Mask]:
    """Return for each set of seeds the cost, H×W, of the cheapest path to each pixel.

    A path costs its length in face heights, and more across edges of the picture (geodesic
    segmentation: X. Bai and G. Sapiro, "Geodesic Matting", IJCV 82(2), 2009).
    """
    scale = min(1.0, PATH_SIDE / max(small_pixels.shape[:2]))
    picture = cv2.resize(small_pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    edges = np.sqrt(sum(_squared_gradient(channel) for channel in cv2.split(lab))) / 8
    step_costs = (1 + EDGE_WEIGHT * edges) / (scale * face_height)
    full_size = (small_pixels.shape[1], small_pixels.shape[0])
    costs = []
    for seed_mask in seeds:
        small_seeds = cv2.resize(
            seed_mask.astype(np.uint8), picture.shape[1::-1], interpolation=cv2.INTER_NEAREST
        )
        path_costs, _ = MCP_Geometric(step_costs).find_costs(np.argwhere(small_seeds))
        costs.append(cv2.resize(path_costs.astype(np.float32), full_size))
    return costs


def _find_unfocused(
    person_mask: Mask, small_pixels: Pixels, landmarks: Points
) -> NDArray[np.bool_]:
    """Find pieces beside head and body that are far less sharp than the face: people behind.

    They reach up to the face itself: the head of a turned face is narrower than the usual one.
    """
    face_height = _face_height(landmarks)
    focus = _measure_focus(small_pixels, landmarks)
    distance = _measure_distance(person_mask.shape, landmarks)
    soft = (person_mask > POSSIBLE) & (focus < SOFT_FOCUS)
    last_row = landmarks[CHIN_POINT, 1] + BESIDE_HEAD * face_height
    soft[max(0, int(last_row)) :] = False  # smooth sleeves look unfocused, too
    possible = soft & (distance > BODY_MARGIN)
    sure = cv2.erode(
        (possible & (focus < OUT_OF_FOCUS)).astype(np.uint8), round_kernel(MIN_RADIUS * face_height)
    )
    count, labels = cv2.connectedComponents(possible.astype(np.uint8))
    areas = np.bincount(labels[sure > 0], minlength=count)
    shoulder_row = int(landmarks[CHIN_POINT, 1] - ABOVE_SHOULDERS * face_height)
    areas[np.setdiff1d(labels, labels[: max(0, shoulder_row)])] = 0
    pieces = np.isin(labels, np.flatnonzero(areas > MIN_PIECE * face_height**2))
    soft[max(0, int(landmarks[CHIN_POINT, 1])) :] = False
    beside_face = soft & (focus < OUT_OF_FOCUS) & ~draw_mesh(soft.shape, landmarks)
    _, labels = cv2.connectedComponents((pieces | beside_face).astype(np.uint8))
    return np.isin(labels, np.setdiff1d(labels[pieces], [0]))


def draw_core(
    shape: tuple[int, ...], landmarks: Points, *, body_rim: float | None
) -> NDArray[np.bool_]:
    """Draw what must belong to a face: most of the head, and of the body, H×W.

    `body_rim` is the width at each side of the body, in face heights, that is left out; None
    leaves the whole body out, because something may hide it.
    """
    face_height = _face_height(landmarks)
    core = draw_mesh(shape, landmarks)
    core |= _measure_head_distance(shape, landmarks) < -HEAD_RIM
    if body_rim is not None:
        kernel = np.ones((1, 2 * round(body_rim * face_height) + 1), np.uint8)
        core |= cv2.erode(_draw_body(shape, landmarks), kernel) > 0
    return core


def _enlarge(area: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    return cv2.dilate(area.astype(np.uint8), round_kernel(radius)) > 0


def _draw_far_body(person_mask: Mask, points: Points) -> NDArray[np.bool_]:
    """Draw the body, H×W, of a small face: what the network marks in a column below it.

    A gap ends it, as there is between a picture on a wall and the chosen person's shoulder.
    """
    face_height = _face_height(points)
    left, right = (
        round(points[:FACE_POINTS, 0].mean() + side * NECK[0] * face_height) for side in (-1, 1)
    )
    chin_row = int(points[CHIN_POINT, 1])
    column = np.zeros(person_mask.shape, np.uint8)
    column[max(0, chin_row) : max(0, chin_row + round(FAR_LENGTH * face_height))] = 1
    column[:, : max(0, left)] = 0
    column[:, max(0, right) + 1 :] = 0
    _, labels = cv2.connectedComponents(column & (person_mask > POSSIBLE))
    height, width = person_mask.shape
    row, middle = np.clip(chin_row + 1, 0, height - 1), np.clip((left + right) // 2, 0, width - 1)
    label = labels[row, middle]
    return np.asarray((labels == label) & (label > 0))


def _is_printed_on(points: Points, landmarks: Points) -> bool:
    """Whether a face is part of the clothes of another: small, and in the middle of the body."""
    own_height = _face_height(landmarks)
    across, down = points[:FACE_POINTS].mean(axis=0) - landmarks[CHIN_POINT]
    return bool(
        _face_height(points) < PRINTED_SIZE * own_height
        and down > 0
        and abs(across) < SHOULDER[0] * own_height
    )


def _face_height(landmarks: Points) -> float:
    return float(np.ptp(landmarks[:FACE_POINTS, 1]))


def _measure_distance(shape: tuple[int, ...], landmarks: Points) -> Mask:
    """Return the distance from head and body of a face, H×W, in its heights; 0 in the body."""
    body = _draw_body(shape, landmarks)
    body_distance = cv2.distanceTransform(1 - body, cv2.DIST_L2, 5) / _face_height(landmarks)
    return np.minimum(_measure_head_distance(shape, landmarks), body_distance)


def _measure_head_distance(shape: tuple[int, ...], landmarks: Points) -> Mask:
    """Return about how far pixels are from the head, H×W, in face heights; negative inside."""
    face_height = _face_height(landmarks)
    center_x, center_y = landmarks[:FACE_POINTS].mean(axis=0) / face_height
    center_x += TURN_SHIFT * (center_x - landmarks[NOSE_POINT, 0] / face_height)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / face_height
    across = (columns - center_x) / HEAD_AXES[0]
    down = (rows - center_y + HEAD_RISE) / HEAD_AXES[1]
    return np.asarray((np.hypot(across, down) - 1) * HEAD_AXES[0], np.float32)


def _draw_body(shape: tuple[int, ...], landmarks: Points) -> NDArray[np.uint8]:
    """Draw neck, shoulders and arms below a face, to the last row, as a mask of 0 and 1."""
    face_height = _face_height(landmarks)
    axis, chin_row = landmarks[:FACE_POINTS, 0].mean(), landmarks[CHIN_POINT, 1]
    half = [
        (width * face_height, chin_row + depth * face_height)
        for width, depth in (NECK, SHOULDER, ARM)
    ]
    half.append((half[-1][0], max(shape[0], half[-1][1])))
    outline = [(axis + width, row) for width, row in half]
    outline += [(axis - width, row) for width, row in reversed(half)]
    body = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(body, [np.round(outline).astype(np.int32)], 1)
    return body


def _measure_focus(small_pixels: Pixels, landmarks: Points) -> Mask:
    """Return the sharpness around each pixel over that of the face; 1 where nothing can be seen."""
    face_height = _face_height(landmarks)
    luma = cv2.cvtColor(small_pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    first = cv2.GaussianBlur(luma, (0, 0), max(MIN_BLUR, FIRST_BLUR * face_height))
    second = cv2.GaussianBlur(first, (0, 0), max(2 * MIN_BLUR, SECOND_BLUR * face_height))
    sharp_energy, blurred_energy = (_squared_gradient(picture) for picture in (first, second))
    inside = draw_mesh(luma.shape, landmarks)
    face_excess = np.sqrt(sharp_energy[inside].sum() / (blurred_energy[inside].sum() + 1)) - 1
    sharp_energy, blurred_energy = (
        cv2.GaussianBlur(energy, (0, 0), max(1.0, FOCUS_WINDOW * face_height))
        for energy in (sharp_energy, blurred_energy)
    )
    excess = np.sqrt(sharp_energy / (blurred_energy + NOISE_GRADIENT / 4)) - 1
    focus = np.maximum(excess, 0) / max(float(face_excess), 1e-3)
    return np.where(blurred_energy < NOISE_GRADIENT, 1, focus).astype(np.float32)


def _squared_gradient(picture: Mask) -> Mask:
    return np.asarray(cv2.Sobel(picture, cv2.CV_32F, 1, 0) ** 2, np.float32) + np.asarray(
        cv2.Sobel(picture, cv2.CV_32F, 0, 1) ** 2, np.float32
    )
