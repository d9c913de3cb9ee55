"""The crop solver: head height, eye line and centring inside the look's bands, on real pixels only.

The body always leaves through the bottom edge, a body cut by the photo's side never ends inside
the frame, and nothing is stretched: if the wished crop does not fit, a closer one is taken.
"""

from dataclasses import dataclass, replace

import numpy as np

from headshots.engine.errors import NoFraming
from headshots.engine.types import Face, Framing, Head, Mask

CLOSEST = 0.80  # head over frame height: closer than this and the crown leaves the circle
STEPS = 49
MAX_SHIFT = 0.07  # of the frame, sideways
MIN_BODY = 0.22  # of the bottom edge that the body covers
CIRCLE = 0.5  # avatars are shown in the inscribed circle


@dataclass(frozen=True)
class Wish:
    """What a look asks for, all over the frame's side."""

    head: float = 0.55
    eyes: float = 0.40
    eyes_band: float = 0.05
    inside: bool = False  # the whole frame lies on the photo: its own background is shown


@dataclass(frozen=True)
class Body:
    """The rows at which the person begins to touch the canvas edges; infinite where never."""

    left: float
    right: float
    top: bool
    width: int
    height: int


def solve(face: Face, head: Head, alpha: Mask, wish: Wish) -> Framing:
    """The widest framing that keeps every promise, starting from what the look wishes.

    Face, head and alpha are in canvas pixels. Raises NoFraming if the photo is too tight.
    """
    body = _body(alpha)
    for fraction in np.linspace(wish.head, CLOSEST, STEPS):
        framing = _fit(head, body, wish, side=round(head.height / fraction))
        if framing and _holds(framing, face, head, alpha):
            return _explained(framing, wish)
    raise NoFraming("The photo is too tight around the head for this crop.")


def _body(alpha: Mask) -> Body:
    height, width = alpha.shape
    edge = max(2, width // 200)
    return Body(
        left=_first_row(alpha[:, :edge]),
        right=_first_row(alpha[:, -edge:]),
        top=bool((alpha[:edge] > 0.5).any()),
        width=width,
        height=height,
    )


def _first_row(strip: Mask) -> float:
    rows = np.flatnonzero(strip.max(axis=1) > 0.3)
    return float(rows[0]) if rows.size else np.inf


def _fit(head: Head, body: Body, wish: Wish, *, side: int) -> Framing | None:
    """Place a square of this side as near to the wish as the canvas allows."""
    highest = 0.0 if body.top or wish.inside else -np.inf
    top = np.clip(head.eyes - wish.eyes * side, highest, body.height - side)
    if top < highest or abs((head.eyes - top) / side - wish.eyes) > wish.eyes_band:
        return None
    bottom = top + side
    leftmost = 0.0 if wish.inside or body.left < bottom else -np.inf
    rightmost = body.width - side if wish.inside or body.right < bottom else np.inf
    left = head.axis - side / 2
    placed = min(max(left, leftmost), rightmost)
    if placed < leftmost or abs(placed - left) > MAX_SHIFT * side:
        return None
    whole = round(placed), int(np.floor(top))
    return Framing(*whole, side, head.height / side, (head.eyes - whole[1]) / side)


def _holds(framing: Framing, face: Face, head: Head, alpha: Mask) -> bool:
    """The face lies in the inscribed circle and the body leaves through the bottom edge."""
    rim = face.landmarks[[10, 152, 234, 454, 172, 397], :2]
    crown = np.array([[head.axis, head.crown]])
    center = np.array([framing.left, framing.top]) + framing.side / 2
    reach = np.linalg.norm(np.vstack([rim, crown]) - center, axis=1).max() / framing.side
    row = alpha[framing.top + framing.side - 1]
    cut = row[max(0, framing.left) : framing.left + framing.side]
    return bool(reach <= CIRCLE and (cut > 0.5).sum() >= MIN_BODY * framing.side)


def _explained(framing: Framing, wish: Wish) -> Framing:
    notes = []
    if framing.head_fraction > wish.head * 1.02:
        notes.append("Cropped closer than usual for this look, because the photo ends there.")
    if abs(framing.eye_line - wish.eyes) > 0.01:
        where = "higher" if framing.eye_line < wish.eyes else "lower"
        notes.append(f"Your eyes are a little {where} in the picture than usual for this look.")
    return replace(framing, notes=tuple(notes))
