"""Find the square crop of a photo that costs least among those that keep the laws of a portrait.

Laws, which no crop breaks: the face, brow to chin and ear to ear, lies inside the inscribed circle
in which profiles show it; where the photo's edge cuts the person off, that edge is the frame's own
edge or lies outside the frame; the body leaves through the bottom; every pixel is the photo's own.
Wishes, which are weighed against one another: the height of the head, the eye line, a head in the
middle, a whole crown. Hair and shoulders may leave through the sides and the top, as photographers
crop portraits.
"""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from headshots.engine.errors import NoFraming
from headshots.engine.types import Face, Framing, Head, Mask

# Lengths are over the side of the frame; numbers without another source were chosen by eye on the
# development photos.

CIRCLE_RADIUS = 0.5  # radius of the inscribed circle in which avatars are shown
MIN_BODY = 0.18  # of the bottom edge that the body must cover

# What is tried: a grid of head heights and eye lines; the left edge follows from the face's axis.
HEAD_HEIGHTS = (0.34, 1.45)  # a head above 1 has its hair cropped
TRIED_HEIGHTS = 96
EYE_LINES = (0.26, 0.58)
TRIED_EYE_LINES = 65

# What a deviation costs. An eye line off by 0.05 weighs as much as a head closer by a quarter.
HEIGHT_WEIGHT = 1.0  # times the squared deviation in octaves (factors of two)
EYE_LINE_WEIGHT = 40.0  # times the squared deviation
MIDDLE_WEIGHT = 30.0  # times the squared deviation
CROWN_WEIGHT = 8.0  # times the squared height of the hair that is cropped
BODY_WEIGHT = 2.0  # times the squared share of the bottom edge missing to COMFORTABLE_BODY
COMFORTABLE_BODY = 0.45

# Looks ask for head heights in this range. Where a photo is too tight for the widest of them, the
# looks are spread over what the photo gives, so that they still differ from one another.
WISHED_HEIGHTS = (0.46, 0.72)
WELL_PLACED_COST = 0.1  # above the cost of the best placement: up to it a placement is good
SPREAD_OCTAVES = 0.34  # between the widest and the closest look at most
SPREAD_SHARE = 0.7  # of the octaves that good placements leave

EDGE_WIDTH = 1 / 200  # of the photo's width: strip in which the body is taken to touch a side
MIN_EDGE = 2  # pixels of that strip at least
EDGE_ALPHA = 0.3  # alpha from which the body touches a side
BODY_ALPHA = 0.5  # alpha from which a pixel is the body's

# Landmarks of the MediaPipe Face Mesh: both brows, the sides of the face at the ears, jaws, chin.
OUTLINE_LANDMARKS = (70, 105, 107, 336, 334, 300, 127, 234, 356, 454, 172, 397, 152)

# What a person is told about. Smaller differences are not visible.
CLOSER_NOTE_FACTOR = 1.12  # head height over the wished one
EYE_LINE_NOTE = 0.03  # of the frame

Numbers = NDArray[np.float64]
EYES_HIGHER: Final = "Your eyes are a little higher in the picture than usual for this look."
EYES_LOWER: Final = "Your eyes are a little lower in the picture than usual for this look."


@dataclass(frozen=True)
class FramingWish:
    """The framing that a look asks for; lengths are over the frame's side.

    `head` is the height from crown to chin, `eyes` the eye line from the top.
    """

    head: float = 0.55
    eyes: float = 0.40
    inside: bool = False  # the frame must lie on the photo, whose background is shown


@dataclass(frozen=True)
class BodyEdges:
    """Where the person touches the edges of a canvas of `width`×`height` pixels.

    `left` and `right` are the first rows in which they touch that side, infinite if they do not;
    `top` is whether they touch the upper edge.
    """

    left: float
    right: float
    top: bool
    width: int
    height: int


class Squares(NamedTuple):
    """Candidate frames in whole canvas pixels, one an index."""

    side: Numbers
    top: Numbers
    left: Numbers

    def select(self, index: NDArray[np.bool_]) -> "Squares":
        """Return the candidates for which `index` is true."""
        return Squares(self.side[index], self.top[index], self.left[index])


def solve_framing(face: Face, head: Head, alpha: Mask, wish: FramingWish) -> Framing:
    """Return the framing of the lowest cost among those that keep every law.

    Face, head and alpha (H×W) are in canvas pixels, and so is the result. Raises NoFraming if the
    face cannot lie whole in the circle with a neck below it.
    """
    squares = _list_squares(head, _find_body_edges(alpha), wish)
    squares = squares.select(_face_distance(squares, face) <= CIRCLE_RADIUS)
    body_share = _body_share(squares, alpha)
    squares, body_share = squares.select(body_share >= MIN_BODY), body_share[body_share >= MIN_BODY]
    if not squares.side.size:
        raise NoFraming("The photo ends too close to the face for a headshot.")
    placement_cost = _placement_cost(squares, head, wish)
    placement_cost += BODY_WEIGHT * np.maximum(0, COMFORTABLE_BODY - body_share) ** 2
    cost = placement_cost + _height_cost(head.height / squares.side, placement_cost, wish)
    side, top, left = (int(values[np.argmin(cost)]) for values in squares)
    framing = Framing(left, top, side, head.height / side, (head.eyes - top) / side)
    return _add_notes(framing, wish)


def _find_body_edges(alpha: Mask) -> BodyEdges:
    height, width = alpha.shape
    edge_width = max(MIN_EDGE, int(width * EDGE_WIDTH))
    return BodyEdges(
        left=_first_touched_row(alpha[:, :edge_width]),
        right=_first_touched_row(alpha[:, -edge_width:]),
        top=bool((alpha[:edge_width] > BODY_ALPHA).any()),
        width=width,
        height=height,
    )


def _first_touched_row(strip: Mask) -> float:
    rows = np.flatnonzero(strip.max(axis=1) > EDGE_ALPHA)
    return float(rows[0]) if rows.size else np.inf


def _list_squares(head: Head, body_edges: BodyEdges, wish: FramingWish) -> Squares:
    """Return the squares of the grid that cut the person off only where the photo does.

    Each is placed as near to the middle of the face as the body at the photo's sides allows.
    """
    heights = np.append(np.geomspace(*HEAD_HEIGHTS, TRIED_HEIGHTS), wish.head)
    lines = np.append(np.linspace(*EYE_LINES, TRIED_EYE_LINES), wish.eyes)
    side, eye_line = (
        values.ravel() for values in np.meshgrid(np.unique(np.round(head.height / heights)), lines)
    )
    top = np.floor(head.eyes - eye_line * side)
    top = np.minimum(top, body_edges.height - side)
    if body_edges.top or wish.inside:
        top = np.maximum(top, 0)
    cut_left = wish.inside | (body_edges.left < top + side)
    cut_right = wish.inside | (body_edges.right < top + side)
    leftmost = np.where(cut_left, 0.0, -np.inf)
    rightmost = np.where(cut_right, body_edges.width - side, np.inf)
    left = np.round(np.clip(head.axis - side / 2, leftmost, np.maximum(leftmost, rightmost)))
    fits = (leftmost <= rightmost) & (top + side <= body_edges.height)
    return Squares(side, top, left.astype(np.float64)).select(fits)


def _face_distance(squares: Squares, face: Face) -> Numbers:
    """Return how far the face reaches from the middle of each square, over its side."""
    outline = face.landmarks[list(OUTLINE_LANDMARKS), :2]
    middle_x, middle_y = squares.left + squares.side / 2, squares.top + squares.side / 2
    distances = np.hypot(outline[:, :1] - middle_x, outline[:, 1:] - middle_y)
    return np.asarray(distances.max(axis=0, initial=0) / squares.side, np.float64)


def _body_share(squares: Squares, alpha: Mask) -> Numbers:
    """Return the share of each square's bottom edge that the body covers."""
    counts = np.pad(np.cumsum(alpha > BODY_ALPHA, axis=1), ((0, 0), (1, 0)))
    bottom_row = (squares.top + squares.side - 1).astype(int)
    first, last = (
        np.clip(column, 0, alpha.shape[1]).astype(int)
        for column in (squares.left, squares.left + squares.side)
    )
    return np.asarray((counts[bottom_row, last] - counts[bottom_row, first]) / squares.side)


def _placement_cost(squares: Squares, head: Head, wish: FramingWish) -> Numbers:
    """Return what eye line, centring and cropped hair of each square cost together."""
    eye_line_error = (head.eyes - squares.top) / squares.side - wish.eyes
    middle_error = (squares.left + squares.side / 2 - head.axis) / squares.side
    cropped_hair = np.maximum(0, squares.top - head.crown) / squares.side
    return np.asarray(
        EYE_LINE_WEIGHT * eye_line_error**2
        + MIDDLE_WEIGHT * middle_error**2
        + CROWN_WEIGHT * cropped_hair**2
    )


def _height_cost(head_heights: Numbers, placement_cost: Numbers, wish: FramingWish) -> Numbers:
    """Return what the deviation from the wished head height costs.

    Where a good placement begins closer than the widest look wishes, the wished heights of all
    looks are spread over what the photo gives.
    """
    well_placed = head_heights[placement_cost <= placement_cost.min() + WELL_PLACED_COST]
    widest, closest = well_placed.min(), well_placed.max()
    wished = wish.head
    if widest > WISHED_HEIGHTS[0]:
        rank = np.log2(wished / WISHED_HEIGHTS[0]) / np.log2(WISHED_HEIGHTS[1] / WISHED_HEIGHTS[0])
        spread = min(SPREAD_OCTAVES, SPREAD_SHARE * np.log2(closest / widest))
        wished = max(wished, widest * 2 ** (spread * np.clip(rank, 0, 1)))
    return np.asarray(HEIGHT_WEIGHT * np.log2(head_heights / wished) ** 2)


def _add_notes(framing: Framing, wish: FramingWish) -> Framing:
    """Return the framing with notes about what differs visibly from what the look asks for."""
    notes = []
    if framing.head_fraction > wish.head * CLOSER_NOTE_FACTOR:
        notes.append(
            "Cropped closer than usual for this look, because the photo ends there: a photo with"
            " more room around head and shoulders gives the usual crop."
        )
    if abs(framing.eye_line - wish.eyes) > EYE_LINE_NOTE:
        is_higher = framing.eye_line < wish.eyes
        notes.append(EYES_HIGHER if is_higher else EYES_LOWER)
    return replace(framing, notes=tuple(notes))
