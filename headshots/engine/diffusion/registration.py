"""How a painting lies on the photo, found and undone: editors shift and zoom what they paint."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine import color
from headshots.engine.errors import FaceLockFailed
from headshots.engine.geometry import similarity
from headshots.engine.types import Image, Mask, Points

STILL: Final = 0.25  # pixels below which a painting lies where it should
LIMIT: Final = 1.0  # pixels that a warped painting may lie beside the photo
MATCH_SIDE: Final = 640  # pixels: a similarity is first looked for at this size
ZOOM: Final = (0.75, 1.35)  # editors zoom by up to 20 %; beyond that it is another picture
ENOUGH: Final = 12  # points that must agree before a similarity is believed
WINDOW: Final = (21, 21)  # pixels around a point whose flow is followed
IDENTITY: Final = np.eye(2, 3)
Move = NDArray[np.float64]  # 2×3
Grey = NDArray[np.uint8]
Pairs = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Registration:
    """How a painting lies on the photo: `move` takes its pixels there, `residual` pixels remain."""

    move: Move
    residual: float | None  # None: nothing of the person was recognised in it

    @property
    def zoom(self) -> float:
        return float(np.hypot(*self.move[:, 0]))

    def shift(self, side: int) -> float:
        """How far the middle of the picture moves, in pixels."""
        middle = np.full(2, side / 2)
        return float(np.linalg.norm(self.move[:, :2] @ middle + self.move[:, 2] - middle))


def register(painted: Image, photo: Image, where: Mask) -> Registration:
    """The similarity that lays a painting over the photo, found in the masked part of the photo.

    SIFT (Lowe 2004) and RANSAC for a first guess, unless it lies there already; then sub-pixel
    flow (Lucas and Kanade 1981) for the last pixels and for what remains.
    """
    one, two = (_grey(each) for each in (painted, photo))
    still = _apart(_flow(one, two, where, IDENTITY))
    if still < STILL:
        return Registration(IDENTITY, still)
    move = _matched(one, two, where)
    if move is None:
        return Registration(IDENTITY, None)
    for _ in range(2):
        seen = _flow(one, two, where, move)
        if seen is None:
            return Registration(move, float("inf"))
        move = _then(move, similarity(*seen))
    return Registration(move, _apart(_flow(one, two, where, move)))


def laid_over(painted: Image, found: Registration) -> Image:
    """The painting in the photo's pixels; FaceLockFailed if it still lies beside it."""
    if found.residual is not None and not found.residual <= LIMIT:
        raise FaceLockFailed(f"The painting lies {found.residual:.1f} pixels beside the photo.")
    if np.array_equal(found.move, IDENTITY):
        return painted
    side = painted.shape[0]
    # Lanczos rings beyond [0, 1]; what the painting does not reach is mirrored from its edge.
    moved = cv2.warpAffine(
        painted, found.move, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.clip(moved, 0, 1)


def _grey(image: Image) -> Grey:
    return np.round(color.luma(image) * 255).astype(np.uint8)


def _matched(painted: Grey, photo: Grey, where: Mask) -> Move | None:
    """A first similarity from matching points; None unless enough of them agree."""
    scale = min(1.0, MATCH_SIDE / photo.shape[0])
    small = [
        cv2.resize(each, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        for each in (painted, photo)
    ]
    mask = cv2.resize(where, small[1].shape[::-1], interpolation=cv2.INTER_AREA) > 0.9
    finder = cv2.SIFT.create(nfeatures=1000)
    theirs, words = finder.detectAndCompute(small[0], None)
    mine, own_words = finder.detectAndCompute(small[1], mask.astype(np.uint8) * 255)
    if min(len(theirs), len(mine)) < ENOUGH:
        return None
    pairs = cv2.BFMatcher().knnMatch(own_words, words, k=2)
    good = [one for one, two in pairs if one.distance < 0.75 * two.distance]
    if len(good) < ENOUGH:
        return None
    source = np.array([theirs[one.trainIdx].pt for one in good])
    target = np.array([mine[one.queryIdx].pt for one in good])
    cv2.setRNGSeed(7)
    move, agree = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=2.0)
    if move is None or int(agree.sum()) < ENOUGH:
        return None
    if not ZOOM[0] <= np.hypot(*move[:, 0]) <= ZOOM[1]:
        return None
    return move * np.array([1, 1, 1 / scale])


def _apart(seen: Pairs | None) -> float:
    """Root mean square of how far paired points are apart, in pixels; infinite without any."""
    if seen is None:
        return float("inf")
    return float(np.sqrt(np.mean(np.sum((seen[0] - seen[1]) ** 2, axis=1))))


def _flow(painted: Grey, photo: Grey, where: Mask, move: Move) -> Pairs | None:
    """N×2 points of the moved painting, and where they lie in the photo; None if too few do."""
    sure = (where > 0.9).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(sure)
    here = np.s_[top : top + height, left : left + width]
    spots = cv2.goodFeaturesToTrack(photo[here], 300, 0.01, 6, mask=sure[here])
    if spots is None or len(spots) < ENOUGH:
        return None
    corner = np.array([left, top], np.float64)
    moved = _warped(painted, move, corner, size=(width, height))
    follow = partial(cv2.calcOpticalFlowPyrLK, winSize=WINDOW, maxLevel=2)
    there, ok, _ = follow(photo[here], moved, spots, None)
    back, ok_back, _ = follow(moved, photo[here], there, None)
    held = (ok & ok_back).ravel() > 0
    held &= np.linalg.norm((back - spots)[:, 0], axis=1) < 0.5
    if held.sum() < ENOUGH:
        return None
    target, source = spots[held, 0].astype(np.float64), there[held, 0].astype(np.float64)
    apart = np.linalg.norm(target - source, axis=1)
    close = apart <= max(1.0, 3 * float(np.median(apart)))
    return source[close] + corner, target[close] + corner


def _warped(grey: Grey, move: Move, corner: Points, *, size: tuple[int, int]) -> Grey:
    """The part of a moved picture that begins at a corner."""
    cut = move - np.column_stack([np.zeros((2, 2)), corner])
    return np.asarray(
        cv2.warpAffine(grey, cut, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101),
        np.uint8,
    )


def _then(first: Move, second: Move) -> Move:
    """First this similarity, then the other, as one."""
    return np.column_stack(
        [second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2] + second[:, 2]]
    )
