"""Find the square crop of a photo: head height, eye line and centring as the look asks for.

The body always leaves through the bottom edge, a body that the photo's side cuts off never ends
inside the frame, and nothing is stretched or invented: if the wished crop does not fit, a closer
one is taken.
"""

from dataclasses import dataclass, replace

import numpy as np

from headshots.engine.errors import NoFraming
from headshots.engine.types import Face, Framing, Head, Mask

# Lengths are over the side of the frame; numbers were chosen by eye on the development photos.

MAX_HEAD_HEIGHT = 0.80  # head height at most: closer than this and the crown leaves the circle
TRIED_HEIGHTS = 49  # head heights that are tried, from the wished one to MAX_HEAD_HEIGHT
MAX_SHIFT = 0.07  # how far the head may be off the middle
MIN_BODY = 0.22  # of the bottom edge that the body must cover
CIRCLE_RADIUS = 0.5  # radius of the inscribed circle in which avatars are shown

EDGE_WIDTH = 1 / 200  # of the photo's width: strip in which the body is taken to touch a side
MIN_EDGE = 2  # pixels of that strip at least
EDGE_ALPHA = 0.3  # alpha from which the body touches a side
BODY_ALPHA = 0.5  # alpha from which a pixel is the body's

# Landmarks of the MediaPipe Face Mesh: forehead, chin, both sides of the face, both jaws.
OUTLINE_LANDMARKS = (10, 152, 234, 454, 172, 397)

# What a person is told about. Smaller differences are not visible.
CLOSER_NOTE_FACTOR = 1.02  # head height over the wished one
EYE_LINE_NOTE = 0.01  # of the frame


@dataclass(frozen=True)
class FramingWish:
    """The framing that a look asks for; lengths are over the frame's side.

    `head` is the height from crown to chin, `eyes` the eye line from the top, and `eyes_band` how
    far the eye line may be off.
    """

    head: float = 0.55
    eyes: float = 0.40
    eyes_band: float = 0.05
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


def solve_framing(face: Face, head: Head, alpha: Mask, wish: FramingWish) -> Framing:
    """Return the widest framing that meets every condition, trying the look's own first.

    Face, head and alpha (H×W) are in canvas pixels, and so is the result. Raises NoFraming if the
    photo is too tight around the head.
    """
    body_edges = _find_body_edges(alpha)
    for head_fraction in np.linspace(wish.head, MAX_HEAD_HEIGHT, TRIED_HEIGHTS):
        framing = _place_square(head, body_edges, wish, side=round(head.height / head_fraction))
        if framing and _meets_conditions(framing, face, head, alpha):
            return _add_notes(framing, wish)
    raise NoFraming("The photo is too tight around the head for this crop.")


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


def _place_square(
    head: Head, body_edges: BodyEdges, wish: FramingWish, *, side: int
) -> Framing | None:
    """Place a square of `side` pixels as near to what is wished as the canvas allows.

    Returns None if the eye line or the centring would be off by more than is allowed.
    """
    highest = 0.0 if body_edges.top or wish.inside else -np.inf
    top = np.clip(head.eyes - wish.eyes * side, highest, body_edges.height - side)
    if top < highest or abs((head.eyes - top) / side - wish.eyes) > wish.eyes_band:
        return None
    bottom = top + side
    leftmost = 0.0 if wish.inside or body_edges.left < bottom else -np.inf
    rightmost = body_edges.width - side if wish.inside or body_edges.right < bottom else np.inf
    left = head.axis - side / 2
    placed_left = min(max(left, leftmost), rightmost)
    if placed_left < leftmost or abs(placed_left - left) > MAX_SHIFT * side:
        return None
    whole_pixels = round(placed_left), int(np.floor(top))
    return Framing(*whole_pixels, side, head.height / side, (head.eyes - whole_pixels[1]) / side)


def _meets_conditions(framing: Framing, face: Face, head: Head, alpha: Mask) -> bool:
    """Whether the face lies in the inscribed circle and the body leaves through the bottom edge."""
    face_outline = face.landmarks[list(OUTLINE_LANDMARKS), :2]
    crown = np.array([[head.axis, head.crown]])
    center = np.array([framing.left, framing.top]) + framing.side / 2
    max_distance = (
        np.linalg.norm(np.vstack([face_outline, crown]) - center, axis=1).max() / framing.side
    )
    bottom_row = alpha[framing.top + framing.side - 1]
    bottom_edge = bottom_row[max(0, framing.left) : framing.left + framing.side]
    return bool(
        max_distance <= CIRCLE_RADIUS
        and (bottom_edge > BODY_ALPHA).sum() >= MIN_BODY * framing.side
    )


def _add_notes(framing: Framing, wish: FramingWish) -> Framing:
    """Return the framing with notes about what differs visibly from what the look asks for."""
    notes = []
    if framing.head_fraction > wish.head * CLOSER_NOTE_FACTOR:
        notes.append("Cropped closer than usual for this look, because the photo ends there.")
    if abs(framing.eye_line - wish.eyes) > EYE_LINE_NOTE:
        direction = "higher" if framing.eye_line < wish.eyes else "lower"
        notes.append(f"Your eyes are a little {direction} in the picture than usual for this look.")
    return replace(framing, notes=tuple(notes))
