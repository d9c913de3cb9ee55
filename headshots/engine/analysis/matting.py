"""Cut the chosen person out: alpha with hair, clean foreground colour, and how sure we are.

Closed-form matting (Levin, Lischinski and Weiss 2008) and multi-level foreground estimation
(Germer et al. 2020) by PyMatting, solved once at a small size inside a narrow unknown band; at full
size the compositing equation itself then recovers the single hairs.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pymatting import cf_laplacian, cg, estimate_foreground_ml, ichol, jacobi
from scipy import ndimage, sparse

from headshots.engine.geometry import clip_box, crop
from headshots.engine.networks import perception
from headshots.engine.types import Box, Face, Head, Image, Mask, Pixels, Points

SOLVE_SIDE = 640  # pixels: 0.4 s here, 1.2 s at 1024, and the refinement brings the hairs back
Vector = NDArray[np.float64]

# Unknown band inside and outside the segmentation's contour, in face heights.
HAIR_BAND = (0.06, 0.04)
CHEEK_BAND = (0.075, 0.04)  # beside the face the segmentation bulges
BODY_BAND = (0.03, 0.018)
NEAR = 0.06  # face heights around the whole look's person in which close looks count
LEAN = 0.04  # weight of the prior in the unknown band
RINGS = (0.04, 0.07, 0.11, 0.16, 0.23)  # face heights at which known colours are looked for
SURE = 0.75  # above it the cut-out holds in front of anything


@dataclass(frozen=True, eq=False)
class Matte:
    """`alpha` and `confidence` are masks, `foreground` the subject's own colour, all H×W."""

    alpha: Mask
    foreground: Pixels
    confidence: Mask
    score: float  # how sure the outline of head and shoulders is, [0, 1]


def cut_out(pixels: Pixels, face: Face, *, others: tuple[Face, ...] = ()) -> Matte:
    """The matte of one person; the faces of others, and who stands behind, are background."""
    scale = min(1.0, SOLVE_SIDE / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    points = face.landmarks[:, :2] * scale
    person = _person(small, points)
    person = _only(person, points, [other.landmarks[:, :2] * scale for other in others])
    trimap = _trimap(person, points)
    prior = _likely(small, trimap, person, reach=face.height * scale)
    alpha = _solve(small, trimap, prior)
    alpha = _solid_ears(_connected(alpha, points), points)
    colours = estimate_foreground_ml(small / 255.0, alpha, return_background=True)
    full, foreground, confidence = _refine(
        pixels, alpha, *(np.asarray(each, np.float32) for each in colours)
    )
    return Matte(full, foreground, confidence, _score(alpha, confidence, points))


def find_head(face: Face, alpha: Mask) -> Head:
    """Crown (hair included, from the matte), eye line and chin; rows and column of this matte."""
    axis = float(face.landmarks[:468, 0].mean())
    reach = int(0.35 * face.eye_distance)
    columns = alpha[:, max(0, int(axis) - reach) : int(axis) + reach + 1]
    rows = np.flatnonzero(np.median(columns, axis=1) > 0.5)
    chin, forehead = float(face.chin[1]), float(face.forehead[1])
    hair = forehead - float(rows[0]) if rows.size else 0.0
    # Hair stands 6 to 60 % of the face's height above the mesh: outside it the matte is wrong.
    crown = forehead - float(np.clip(hair, 0.06 * face.height, 0.6 * face.height))
    return Head(crown=crown, eyes=float(face.eyes[:, 1].mean()), chin=chin, axis=axis)


def _person(small: Pixels, points: Points) -> Mask:
    """The mean of several looks at the person: whole, bust and head, each also mirrored.

    The network sees 256×256 whatever it is given, so closer looks bring a sharper contour, and
    where the looks disagree the mean stays in the middle and the matte must decide.
    """
    height = float(np.ptp(points[:468, 1]))
    x, y = points[:468].mean(axis=0)
    pair = _looks(small)
    total, looks = pair.sum(axis=0), np.full(small.shape[:2], 2, np.float32)
    for reach in (1.9 * height, 1.15 * height):
        around = Box(x - reach, y - reach, x + reach, y + reach)
        box = clip_box(around, width=small.shape[1], height=small.shape[0])
        crop(total, box)[:] += _looks(crop(small, box)).sum(axis=0)
        crop(looks, box)[:] += 2
    # A close look may take strangers beside the head for the person; both whole ones seldom do.
    near = cv2.dilate((pair.min(axis=0) > 0.5).astype(np.float32), _disc(NEAR * height))
    person = total / looks * near
    # Below the chin there is cloth, not hair: someone half seen behind a shoulder is not a person.
    chin = int(np.clip(points[152, 1], 0, len(person)))
    person[chin:] = np.clip((person[chin:] - 0.5) * 3 + 0.5, 0, 1)
    return np.asarray(person, np.float32)


def _looks(view: Pixels) -> Image:
    """2×H×W: the segmentation of the picture, and of the mirrored picture mirrored back."""
    mirrored = perception.segment_person(np.ascontiguousarray(view[:, ::-1]))[:, ::-1]
    return np.stack([perception.segment_person(view), mirrored])


def _only(person: Mask, points: Points, others: list[Points]) -> Mask:
    """Keep what is nearer to this face than to any other, then the piece this face lies in."""
    if others:
        rows, columns = np.mgrid[: person.shape[0], : person.shape[1]].astype(np.float32)
        reach = [
            np.abs(columns - p[:, 0].mean()) + 0.15 * np.abs(rows - p[:, 1].mean())
            for p in (points, *others)
        ]
        person = np.where(reach[0] <= np.min(reach[1:], axis=0), person, 0)
    return _connected(person, points)


def _connected(alpha: NDArray[Any], points: Points) -> Mask:
    """Zero every piece that does not touch the face: people and things behind."""
    _, labels = cv2.connectedComponents((alpha > 0.4).astype(np.uint8))
    height, width = alpha.shape
    seat = np.clip(points[[1, 4, 152]].astype(int), 0, (width - 1, height - 1))
    mine = set(labels[seat[:, 1], seat[:, 0]]) - {0}
    keep = np.isin(labels, list(mine)).astype(np.uint8)
    near = cv2.dilate(keep, np.ones((9, 9), np.uint8))
    return np.where(near > 0, alpha, 0).astype(np.float32)


def _solid_ears(alpha: Mask, points: Points) -> Mask:
    """Close the holes beside the face: the shade inside an ear often has the wall's colour.

    Only there: a gap between curls further up is a real view of the background.
    """
    face = float(np.ptp(points[:468, 1]))
    solid = ndimage.binary_fill_holes(alpha > 0.5)
    beside = np.zeros(alpha.shape, np.uint8)
    for x, y in points[[234, 454]]:
        cv2.ellipse(
            beside, (int(x), int(y)), (int(0.22 * face), int(0.26 * face)), 0, 0, 360, 1, -1
        )
    return np.where((beside > 0) & solid, 1, alpha).astype(np.float32)


def _trimap(person: Mask, points: Points) -> Mask:
    """1 surely the person, 0 surely not, 0.5 unknown: wide around the head, narrow elsewhere."""
    face = float(np.ptp(points[:468, 1]))
    inside, outside = (person > 0.8).astype(np.uint8), (person < 0.2).astype(np.uint8)
    eyes, chin = (int(np.clip(y, 1, person.shape[0])) for y in points[[168, 152], 1])
    trimap = np.full(person.shape, 0.5, np.float32)
    bands = ((0, eyes, HAIR_BAND), (eyes, chin, CHEEK_BAND), (chin, None, BODY_BAND))
    for first, last, band in bands:
        rows = slice(first, last)
        trimap[rows][cv2.erode(inside, _disc(band[0] * face))[rows] > 0] = 1
        trimap[rows][cv2.erode(outside, _disc(band[1] * face))[rows] > 0] = 0
    core = points[:468].mean(axis=0) + 0.93 * (points[:468] - points[:468].mean(axis=0))
    hull = cv2.convexHull(core.astype(np.int32))
    cv2.fillConvexPoly(trimap, hull, 1.0)
    return trimap


def _likely(small: Pixels, trimap: Mask, person: Mask, *, reach: float) -> Mask:
    """The segmentation, corrected in the unknown band by the nearest known colours around.

    Each unknown pixel looks outwards in rings for surely known pixels (as sampling-based matting
    does, Gastal and Oliveira 2010) and leans to the side that has its colour.
    """
    picture = cv2.GaussianBlur(small, (0, 0), 1.0).astype(np.float32) / 255
    ys, xs = np.nonzero(trimap == 0.5)
    here = picture[ys, xs]
    best = np.full((2, len(ys)), 9.0, np.float32)  # background, person
    for radius in RINGS:
        for angle in np.arange(0, 2 * np.pi, np.pi / 5) + 7 * radius:
            rows = _step(ys, radius * reach * np.sin(angle), trimap.shape[0])
            columns = _step(xs, radius * reach * np.cos(angle), trimap.shape[1])
            apart = ((picture[rows, columns] - here) ** 2).sum(axis=1) + (0.25 * radius) ** 2
            for side in (0, 1):
                seen = np.where(trimap[rows, columns] == side, apart, 9.0)
                np.minimum(best[side], seen, out=best[side])
    gap = np.sqrt(best[0]) - np.sqrt(best[1])
    trust = np.clip(np.abs(gap) / 0.1, 0, 0.9)
    likely = person.copy()
    likely[ys, xs] += trust * (1 / (1 + np.exp(-np.clip(gap / 0.03, -6, 6))) - likely[ys, xs])
    return cv2.GaussianBlur(likely, (0, 0), 1.2)


def _step(axis: NDArray[np.intp], by: float, size: int) -> NDArray[np.intp]:
    return np.clip(axis + round(by), 0, size - 1)


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * max(2, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def _solve(small: Pixels, trimap: Mask, likely: Mask) -> Mask:
    """Closed-form alpha of the unknown pixels, the known ones given: (L + εI) α = εp - L k.

    Unknown pixels lean a little on the prior, which decides where the matting Laplacian alone
    would leave a veil.
    """
    known = (trimap != 0.5).ravel()
    alpha = trimap.astype(np.float64).ravel()
    if known.all():
        return trimap
    laplacian = cf_laplacian(small / 255.0, epsilon=1e-6, radius=1, is_known=known).tocsr()
    rows = laplacian[~known]
    system = rows[:, ~known] + sparse.identity(int((~known).sum()), format="csr") * LEAN
    given = LEAN * likely.ravel()[~known] - rows[:, known] @ alpha[known]
    alpha[~known] = cg(system, given, M=_preconditioner(system), maxiter=2000, rtol=1e-6)
    # The solver leaves a veil of a few percent on both ends.
    return np.clip((alpha.reshape(trimap.shape) - 0.08) / 0.84, 0, 1).astype(np.float32)


def _preconditioner(system: sparse.spmatrix) -> Callable[[Vector], Vector]:
    """Incomplete Cholesky; plain Jacobi where a near-singular picture breaks it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns when it shifts the diagonal, and goes on
        try:
            return ichol(system, discard_threshold=1e-4)
        except ValueError:
            return jacobi(system)


def _refine(pixels: Pixels, alpha: Mask, fore: Image, back: Image) -> tuple[Mask, Pixels, Mask]:
    """Bring alpha and colour to full size; within the band, alpha from I = αF + (1 - α)B."""
    size = (pixels.shape[1], pixels.shape[0])
    full = np.clip(cv2.resize(alpha, size, interpolation=cv2.INTER_CUBIC), 0, 1)
    full[full > 0.995], full[full < 0.005] = 1, 0
    foreground, confidence = pixels.copy(), np.ones_like(full)
    ys, xs = np.nonzero(full < 1)
    band = full[ys, xs] > 0
    ys, xs = ys[band], xs[band]
    near = [cv2.resize(each, size, interpolation=cv2.INTER_LINEAR)[ys, xs] for each in (fore, back)]
    source = pixels[ys, xs].astype(np.float32) / 255
    sharp, colour, sure = _unmix(source, full[ys, xs], *near)
    full[ys, xs], confidence[ys, xs] = sharp, sure
    foreground[ys, xs] = np.round(colour * 255).astype(np.uint8)
    return full, foreground, confidence


def _unmix(
    source: NDArray[np.float32],
    alpha: NDArray[np.float32],
    fore: NDArray[np.float32],
    back: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Per pixel of the band (N×3 colours): alpha, foreground colour and confidence.

    Where foreground and background differ in colour the compositing equation is solved for alpha
    at full size; elsewhere the upsampled alpha stands.
    """
    apart = fore - back
    distance = np.einsum("ij,ij->i", apart, apart)
    solved = np.clip(np.einsum("ij,ij->i", source - back, apart) / (distance + 1e-4), 0, 1)
    trust = np.clip(np.sqrt(distance) / 0.35, 0, 1) * 0.7
    sharp = alpha + trust * np.clip(solved - alpha, -0.35, 0.35)
    rest = source - (sharp[:, None] * fore + (1 - sharp[:, None]) * back)
    weight = np.clip((sharp - 0.4) / 0.6, 0, 1)[:, None]
    sure = np.clip(0.4 + np.sqrt(distance) / 0.3, 0, 1) * (
        1 - np.clip(np.abs(rest).max(1) * 4, 0, 0.8)
    )
    return sharp, np.clip(fore + weight * rest, 0, 1), sure.astype(np.float32)


def _score(small: Mask, confidence: Mask, points: Points) -> float:
    """Mean confidence along the contour of head and shoulders, less where the contour is ragged.

    A clean outline is about one pixel of the solved alpha wide, hair one and a half; more over the
    shoulders means that something behind them was not told apart.
    """
    chin, face = points[152, 1], np.ptp(points[:468, 1])
    shown = slice(0, int(np.clip(chin + 0.6 * face, 1, len(small))))
    sure = cv2.resize(confidence, small.shape[::-1], interpolation=cv2.INTER_AREA)
    soft = (small > 0.1) & (small < 0.9)
    soft[shown.stop :] = False
    if not soft.any():
        return 1.0
    body = slice(int(np.clip(chin, 0, len(small) - 1)), shown.stop)
    edge = cv2.morphologyEx((small > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3)))
    ragged = soft[body].sum() / max(float(edge[body].sum()), 1.0)
    return float(sure[soft].mean() * np.clip(1.5 - 0.5 * ragged, 0, 1))
