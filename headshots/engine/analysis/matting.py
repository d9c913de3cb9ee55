"""Cut the chosen person out: alpha with hair, foreground colour, and a confidence.

Closed-form matting (A. Levin, D. Lischinski and Y. Weiss, "A Closed-Form Solution to Natural Image
Matting", IEEE TPAMI 30(2), 2008) and multi-level foreground estimation (T. Germer et al., "Fast
Multi-Level Foreground Estimation", ICPR 2020) by PyMatting. Both are solved at a small size inside
a narrow unknown band; at full size the compositing equation I = αF + (1 - α)B then recovers single
hairs.

Lengths called face heights are heights of the mesh from its highest to its lowest point. Where no
other source is given, the constants were chosen by eye on the development photos.
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
from headshots.engine.types import FACE_POINTS, Box, Face, Head, Image, Mask, Pixels, Points

Vector = NDArray[np.float64]

# Pixels of the longer side at which the matting equations are solved. Measured: 0.4 s, against 1.2
# s at 1024, with the same hairs after the refinement at full size.
SOLVE_SIDE = 640
SURE = 0.75  # matte score from which the cut-out may stand in front of any backdrop

# Head: alpha along the axis finds the crown.
AXIS_REACH = 0.35  # eye distances to each side of the axis that are read
SOLID_ALPHA = 0.5  # from it a pixel belongs to the person
# Height of hair above the mesh, in face heights (hairline to chin); beyond it the matte is wrong.
MIN_HAIR, MAX_HAIR = 0.06, 0.6

# Segmentation: a bust and a head view besides the whole picture, each twice (mirrored too).
VIEW_REACHES = (1.9, 1.15)  # face heights from the middle of the face to the sides of a view
VIEWS_PER_CROP = 2
NEAR = 0.06  # face heights around the person of the whole view in which the closer views count
# Below the chin the probability is made steeper around 0.5: cloth has no soft edge as hair has.
BODY_CONTRAST = 3
ROW_WEIGHT = 0.15  # of a vertical distance against a horizontal one, when people are told apart
CONNECTED_ALPHA = 0.4  # pieces of the mask are connected where it is above this
NEIGHBOUR_SIZE = 9  # pixels: the soft edge that is kept around a connected piece
FACE_SEEDS = [1, 4, 152]  # mesh points on nose and chin, which lie inside the chosen person
EAR_POINTS = [234, 454]  # mesh points in front of the ears
EAR_SIZE = (0.22, 0.26)  # half axes of the ellipse around an ear, face heights

# Trimap: from these probabilities a pixel is known.
PERSON_PROBABILITY, BACKGROUND_PROBABILITY = 0.8, 0.2
# Unknown band inside and outside the segmentation's contour, in face heights.
HAIR_BAND = (0.06, 0.04)
CHEEK_BAND = (0.075, 0.04)  # the segmentation reaches too far beside the face
BODY_BAND = (0.03, 0.018)
BAND_POINTS = [168, 152]  # mesh points between the eyes and on the chin: rows where bands change
CORE_SHRINK = 0.93  # of the mesh around its centre: inside it everything is the person

# Prior: colours of known pixels around an unknown one; colour distances are Euclidean, RGB in [0,
# 1].
RINGS = (0.04, 0.07, 0.11, 0.16, 0.23)  # face heights at which known colours are searched
RING_ANGLE = np.pi / 5  # radians between the samples of a ring
RING_TWIST = 7  # radians per face height by which the samples of a ring are rotated
RING_PENALTY = 0.25  # colour distance per face height: of equal colours the nearer one wins
COLOUR_BLUR = 1.0  # pixels of standard deviation
NO_COLOUR = 9.0  # squared colour distance where no known pixel was found; above the largest, 3
TRUSTED_GAP = 0.1  # difference of colour distances from which the colours are trusted
MAX_TRUST = 0.9
GAP_SCALE = 0.03  # difference of colour distances for one unit of the logistic function
MAX_LOGIT = 6
PRIOR_BLUR = 1.2  # pixels of standard deviation

# Solver.
LEAN = 0.04  # weight of the prior in the unknown band
LAPLACIAN_EPSILON = 1e-6  # regularisation of the matting Laplacian
MAX_ITERATIONS = 2000  # of the conjugate gradient method
TOLERANCE = 1e-6  # relative residual at which it stops
DISCARD_THRESHOLD = 1e-4  # of the incomplete Cholesky factorisation
VEIL = 0.08  # alpha that the solver leaves at both ends; removed by stretching
VEIL_RANGE = 0.84  # 1 - 2 * VEIL

# Refinement at full size: rounding of alpha, and how far the compositing equation is trusted.
OPAQUE, TRANSPARENT = 0.995, 0.005
DISTANCE_OFFSET = 1e-4  # squared colour distance; keeps the division finite for equal colours
UNMIX_DISTANCE = 0.35  # colour distance of foreground and background from which it is trusted most
UNMIX_TRUST = 0.7
MAX_CORRECTION = 0.35  # of alpha
RESIDUAL_ALPHA = 0.4  # alpha from which unexplained colour is added to the foreground
RESIDUAL_RANGE = 0.6  # of alpha above it, until all of it is added

# Confidence of a pixel: rises with the colour distance, falls with the unexplained colour.
BASE_CONFIDENCE = 0.4
CONFIDENT_DISTANCE = 0.3
RESIDUAL_WEIGHT = 4
MAX_RESIDUAL_PENALTY = 0.8

# Score of the outline.
SHOULDER_REACH = 0.6  # face heights below the chin that are scored
SOFT_ALPHA = (0.1, 0.9)  # between them a pixel belongs to the contour
RAGGED_OFFSET, RAGGED_WEIGHT = 1.5, 0.5  # a contour of one pixel scores 1, of three pixels 0


@dataclass(frozen=True, eq=False)
class Matte:
    """A cut-out: `alpha`, `confidence` and the colour of the person alone, all of one H×W.

    `confidence` in [0, 1] says how well colours explain alpha, pixel by pixel.
    """

    alpha: Mask
    foreground: Pixels
    confidence: Mask
    score: float  # how reliable the outline of head and shoulders is, [0, 1]


def cut_out(pixels: Pixels, face: Face, *, others: tuple[Face, ...] = ()) -> Matte:
    """Compute the matte of one person; other people are background.

    `others` are further faces in the same pixels.
    """
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
    """Find crown (hair included, from the matte), eye line, chin and axis of the head."""
    axis = float(face.landmarks[:FACE_POINTS, 0].mean())
    reach = int(AXIS_REACH * face.eye_distance)
    columns = alpha[:, max(0, int(axis) - reach) : int(axis) + reach + 1]
    rows = np.flatnonzero(np.median(columns, axis=1) > SOLID_ALPHA)
    chin, forehead = float(face.chin[1]), float(face.forehead[1])
    hair = forehead - float(rows[0]) if rows.size else 0.0
    crown = forehead - float(np.clip(hair, MIN_HAIR * face.height, MAX_HAIR * face.height))
    return Head(crown=crown, eyes=float(face.eyes[:, 1].mean()), chin=chin, axis=axis)


def _person(small: Pixels, points: Points) -> Mask:
    """Average the segmentation over several views: whole, bust and head, each also mirrored.

    The network works at 256×256 whatever it is given, so closer views bring a sharper contour.
    Where the views disagree the mean is near 0.5, and the matting decides.
    """
    height = float(np.ptp(points[:FACE_POINTS, 1]))
    x, y = points[:FACE_POINTS].mean(axis=0)
    pair = _looks(small)
    total, looks = pair.sum(axis=0), np.full(small.shape[:2], VIEWS_PER_CROP, np.float32)
    for reach in (face_heights * height for face_heights in VIEW_REACHES):
        around = Box(x - reach, y - reach, x + reach, y + reach)
        box = clip_box(around, width=small.shape[1], height=small.shape[0])
        crop(total, box)[:] += _looks(crop(small, box)).sum(axis=0)
        crop(looks, box)[:] += VIEWS_PER_CROP
    # A close view may take people beside the head for the person; both whole views seldom do.
    near = cv2.dilate((pair.min(axis=0) > SOLID_ALPHA).astype(np.float32), _disc(NEAR * height))
    person = total / looks * near
    # Below the chin there is cloth, not hair: half a probability is somebody behind a shoulder.
    chin = int(np.clip(points[152, 1], 0, len(person)))
    person[chin:] = np.clip((person[chin:] - 0.5) * BODY_CONTRAST + 0.5, 0, 1)
    return np.asarray(person, np.float32)


def _looks(view: Pixels) -> Image:
    """Segment the picture and the mirrored picture, mirrored back; 2×H×W."""
    mirrored = perception.segment_person(np.ascontiguousarray(view[:, ::-1]))[:, ::-1]
    return np.stack([perception.segment_person(view), mirrored])


def _only(person: Mask, points: Points, others: list[Points]) -> Mask:
    """Keep what is nearer to this face than to any other, and connected to it."""
    if others:
        rows, columns = np.mgrid[: person.shape[0], : person.shape[1]].astype(np.float32)
        reach = [
            np.abs(columns - p[:, 0].mean()) + ROW_WEIGHT * np.abs(rows - p[:, 1].mean())
            for p in (points, *others)
        ]
        person = np.where(reach[0] <= np.min(reach[1:], axis=0), person, 0)
    return _connected(person, points)


def _connected(alpha: NDArray[Any], points: Points) -> Mask:
    """Set every piece to zero that is not connected to the face: people and things behind."""
    _, labels = cv2.connectedComponents((alpha > CONNECTED_ALPHA).astype(np.uint8))
    height, width = alpha.shape
    seat = np.clip(points[FACE_SEEDS].astype(int), 0, (width - 1, height - 1))
    mine = set(labels[seat[:, 1], seat[:, 0]]) - {0}
    keep = np.isin(labels, list(mine)).astype(np.uint8)
    near = cv2.dilate(keep, np.ones((NEIGHBOUR_SIZE, NEIGHBOUR_SIZE), np.uint8))
    return np.where(near > 0, alpha, 0).astype(np.float32)


def _solid_ears(alpha: Mask, points: Points) -> Mask:
    """Fill holes near the ears: the shade inside an ear often has the colour of the background.

    Only there: a gap between curls further up really shows the background.
    """
    face = float(np.ptp(points[:FACE_POINTS, 1]))
    solid = ndimage.binary_fill_holes(alpha > SOLID_ALPHA)
    beside = np.zeros(alpha.shape, np.uint8)
    axes = (int(EAR_SIZE[0] * face), int(EAR_SIZE[1] * face))
    for x, y in points[EAR_POINTS]:
        cv2.ellipse(beside, (int(x), int(y)), axes, 0, 0, 360, 1, cv2.FILLED)
    return np.where((beside > 0) & solid, 1, alpha).astype(np.float32)


def _trimap(person: Mask, points: Points) -> Mask:
    """Mark known person 1, known background 0 and the rest 0.5: a band, widest around the head."""
    face = float(np.ptp(points[:FACE_POINTS, 1]))
    inside = (person > PERSON_PROBABILITY).astype(np.uint8)
    outside = (person < BACKGROUND_PROBABILITY).astype(np.uint8)
    eyes, chin = (int(np.clip(y, 1, person.shape[0])) for y in points[BAND_POINTS, 1])
    trimap = np.full(person.shape, 0.5, np.float32)
    bands = ((0, eyes, HAIR_BAND), (eyes, chin, CHEEK_BAND), (chin, None, BODY_BAND))
    for first, last, band in bands:
        rows = slice(first, last)
        trimap[rows][cv2.erode(inside, _disc(band[0] * face))[rows] > 0] = 1
        trimap[rows][cv2.erode(outside, _disc(band[1] * face))[rows] > 0] = 0
    middle = points[:FACE_POINTS].mean(axis=0)
    core = middle + CORE_SHRINK * (points[:FACE_POINTS] - middle)
    hull = cv2.convexHull(core.astype(np.int32))
    cv2.fillConvexPoly(trimap, hull, 1.0)
    return trimap


def _likely(small: Pixels, trimap: Mask, person: Mask, *, reach: float) -> Mask:
    """Correct the segmentation in the unknown band by the nearest known colours around.

    For each unknown pixel, known pixels are sampled on rings around it, and its probability moves
    towards the side whose colour it has. Sampling as in E. Gastal and M. Oliveira, "Shared Sampling
    for Real-Time Alpha Matting", Computer Graphics Forum 29(2), 2010. `face_height` is in pixels.
    """
    picture = cv2.GaussianBlur(small, (0, 0), COLOUR_BLUR).astype(np.float32) / 255
    ys, xs = np.nonzero(trimap == 0.5)
    here = picture[ys, xs]
    best = np.full((2, len(ys)), NO_COLOUR, np.float32)  # rows: background, person
    for radius in RINGS:
        for angle in np.arange(0, 2 * np.pi, RING_ANGLE) + RING_TWIST * radius:
            rows = _step(ys, radius * reach * np.sin(angle), trimap.shape[0])
            columns = _step(xs, radius * reach * np.cos(angle), trimap.shape[1])
            apart = ((picture[rows, columns] - here) ** 2).sum(axis=1)
            apart = apart + (RING_PENALTY * radius) ** 2
            for side in (0, 1):
                seen = np.where(trimap[rows, columns] == side, apart, NO_COLOUR)
                np.minimum(best[side], seen, out=best[side])
    gap = np.sqrt(best[0]) - np.sqrt(best[1])
    trust = np.clip(np.abs(gap) / TRUSTED_GAP, 0, MAX_TRUST)
    likely = person.copy()
    logit = np.clip(gap / GAP_SCALE, -MAX_LOGIT, MAX_LOGIT)
    likely[ys, xs] += trust * (1 / (1 + np.exp(-logit)) - likely[ys, xs])
    return cv2.GaussianBlur(likely, (0, 0), PRIOR_BLUR)


def _step(axis: NDArray[np.intp], by: float, size: int) -> NDArray[np.intp]:
    """Shift row or column indices, but not beyond the picture."""
    return np.clip(axis + round(by), 0, size - 1)


def _disc(radius: float) -> NDArray[np.uint8]:
    """Build a round structuring element with a radius in pixels, at least 2."""
    side = 2 * max(2, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def _solve(small: Pixels, trimap: Mask, likely: Mask) -> Mask:
    """Solve (L + εI) α = εp - Lk for the unknown pixels.

    L is the matting Laplacian, k the alpha of the known pixels, p the prior `likely` and ε its
    weight. The prior decides where the Laplacian alone would leave pixels half transparent.
    """
    known = (trimap != 0.5).ravel()
    alpha = trimap.astype(np.float64).ravel()
    if known.all():
        return trimap
    laplacian = cf_laplacian(
        small / 255.0, epsilon=LAPLACIAN_EPSILON, radius=1, is_known=known
    ).tocsr()
    rows = laplacian[~known]
    system = rows[:, ~known] + sparse.identity(int((~known).sum()), format="csr") * LEAN
    given = LEAN * likely.ravel()[~known] - rows[:, known] @ alpha[known]
    alpha[~known] = cg(
        system, given, M=_preconditioner(system), maxiter=MAX_ITERATIONS, rtol=TOLERANCE
    )
    stretched = (alpha.reshape(trimap.shape) - VEIL) / VEIL_RANGE
    return np.clip(stretched, 0, 1).astype(np.float32)


def _preconditioner(system: sparse.spmatrix) -> Callable[[Vector], Vector]:
    """Use incomplete Cholesky, or Jacobi where the system is nearly singular."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ichol warns when it shifts the diagonal, and continues
        try:
            return ichol(system, discard_threshold=DISCARD_THRESHOLD)
        except ValueError:
            return jacobi(system)


def _refine(pixels: Pixels, alpha: Mask, fore: Image, back: Image) -> tuple[Mask, Pixels, Mask]:
    """Scale alpha and colours to full size, and correct both within the band.

    `pixels` is the photo; `alpha`, `fore` and `back` are solved at the small size. Returns alpha,
    foreground and confidence at full size.
    """
    size = (pixels.shape[1], pixels.shape[0])
    full = np.clip(cv2.resize(alpha, size, interpolation=cv2.INTER_CUBIC), 0, 1)
    full[full > OPAQUE], full[full < TRANSPARENT] = 1, 0
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
    """Return alpha, foreground colour and confidence of N pixels of the band (colours N×3).

    Where foreground and background differ in colour, the compositing equation is solved for alpha;
    elsewhere the upsampled alpha is kept.
    """
    apart = fore - back
    distance = np.einsum("ij,ij->i", apart, apart)
    solved = np.clip(
        np.einsum("ij,ij->i", source - back, apart) / (distance + DISTANCE_OFFSET), 0, 1
    )
    trust = np.clip(np.sqrt(distance) / UNMIX_DISTANCE, 0, 1) * UNMIX_TRUST
    sharp = alpha + trust * np.clip(solved - alpha, -MAX_CORRECTION, MAX_CORRECTION)
    rest = source - (sharp[:, None] * fore + (1 - sharp[:, None]) * back)
    weight = np.clip((sharp - RESIDUAL_ALPHA) / RESIDUAL_RANGE, 0, 1)[:, None]
    penalty = np.clip(np.abs(rest).max(1) * RESIDUAL_WEIGHT, 0, MAX_RESIDUAL_PENALTY)
    sure = np.clip(BASE_CONFIDENCE + np.sqrt(distance) / CONFIDENT_DISTANCE, 0, 1) * (1 - penalty)
    return sharp, np.clip(fore + weight * rest, 0, 1), sure.astype(np.float32)


def _score(small: Mask, confidence: Mask, points: Points) -> float:
    """Average the confidence along the contour of head and shoulders, less where it is ragged.

    A clean outline is about one pixel of the solved alpha wide, hair one and a half. A wider one at
    the shoulders means that something behind them could not be separated.
    """
    chin, face = points[152, 1], np.ptp(points[:FACE_POINTS, 1])
    shown = slice(0, int(np.clip(chin + SHOULDER_REACH * face, 1, len(small))))
    sure = cv2.resize(confidence, small.shape[::-1], interpolation=cv2.INTER_AREA)
    soft = (small > SOFT_ALPHA[0]) & (small < SOFT_ALPHA[1])
    soft[shown.stop :] = False
    if not soft.any():
        return 1.0
    body = slice(int(np.clip(chin, 0, len(small) - 1)), shown.stop)
    edge = cv2.morphologyEx(
        (small > SOLID_ALPHA).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3))
    )
    ragged = soft[body].sum() / max(float(edge[body].sum()), 1.0)
    return float(sure[soft].mean() * np.clip(RAGGED_OFFSET - RAGGED_WEIGHT * ragged, 0, 1))
