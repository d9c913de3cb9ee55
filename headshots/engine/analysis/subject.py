"""One photo made ready, once for all looks: face chosen, canvas scaled, person cut out."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.analysis import faces, lighting, matting
from headshots.engine.geometry import Transform, clip_box, crop, move_face
from headshots.engine.types import Box, Face, Facts, Framing, Head, Image, Light, Mask, Pixels

TIGHTEST = 0.74  # no look shows the head larger: the canvas needs no more pixels than that
AROUND = (1.55, 0.75, 1.75)  # canvas beside the axis, above the forehead, below the chin, in heads


@dataclass(frozen=True, eq=False)
class Subject:
    """The part of a photo that any look may show; every record in canvas pixels."""

    canvas: Pixels
    face: Face
    head: Head
    matte: matting.Matte
    light: Light
    faces_found: int
    move: Transform  # photo pixels to canvas pixels

    @property
    def outline(self) -> tuple[Face, Head, Mask]:
        """What a framing is solved for."""
        return self.face, self.head, self.matte.alpha

    def on_photo(self, framing: Framing) -> Box:
        """A framing of the canvas in photo pixels."""
        corner = np.array([[framing.left, framing.top]], np.float64)
        left, top, right, bottom = self.move.invert(
            np.vstack([corner, corner + framing.side])
        ).ravel()
        return Box(float(left), float(top), float(right), float(bottom))


def prepare(pixels: Pixels, *, size: int, index: int | None = None) -> Subject:
    """Find, choose, crop, scale and cut out the person for frames of `size` pixels.

    Raises NoFace, SeveralFaces, TooSmall or UnusableFace.
    """
    found = faces.find_faces(pixels)
    face = faces.choose_face(found, index=index)
    height, width = pixels.shape[:2]
    faces.require_usable(face, width=width, height=height)
    canvas, move = _canvas(pixels, face, size=size)
    placed = move_face(face, move)
    others = tuple(move_face(other, move) for other in found if other is not face)
    matte = matting.cut_out(canvas, placed, others=others)
    head = matting.find_head(placed, matte.alpha)
    light = lighting.read_light(canvas, placed, head, matte.alpha)
    return Subject(canvas, placed, head, matte, light, len(found), move)


def frame(subject: Subject, framing: Framing, *, size: int, seed: int) -> tuple[Image, Facts]:
    """The foreground of one framing at its final size, and the facts every step may read."""
    move = Transform(framing.left, framing.top, size / framing.side)
    head = subject.head
    axis, crown, eyes, chin = (
        (head.axis - move.left) * move.scale,
        *((row - move.top) * move.scale for row in (head.crown, head.eyes, head.chin)),
    )
    facts = Facts(
        cut=partial(_cut, subject.canvas, framing, size),
        alpha=_cut(subject.matte.alpha, framing, size),
        face=move_face(subject.face, move),
        head=Head(crown=crown, eyes=eyes, chin=chin, axis=axis),
        light=replace(subject.light, normals=_cut_light(subject, framing)),
        seed=seed,
    )
    return _cut(subject.matte.foreground, framing, size), facts


def _canvas(pixels: Pixels, face: Face, *, size: int) -> tuple[Pixels, Transform]:
    """The region any look may show, never enlarged, at the scale of the tightest look."""
    head = 1.35 * face.height  # hairline to chin, plus hair
    beside, above, below = (head * reach for reach in AROUND)
    axis = float(face.landmarks[:468, 0].mean())
    around = Box(
        axis - beside,
        float(face.forehead[1]) - above,
        axis + beside,
        float(face.chin[1]) + below,
    )
    region = clip_box(around, width=pixels.shape[1], height=pixels.shape[0])
    scale = min(1.0, TIGHTEST * size / head)
    canvas = cv2.resize(
        crop(pixels, region), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    )
    return canvas, Transform(region.left, region.top, scale)


def _cut(picture: Pixels | Mask, framing: Framing, size: int) -> Image:
    """The framing's square at size×size; beyond the canvas its edge is repeated, under alpha 0."""
    kind = cv2.BORDER_REPLICATE if picture.ndim == 3 else cv2.BORDER_CONSTANT
    method = cv2.INTER_AREA if framing.side >= size else cv2.INTER_CUBIC
    cut = cv2.resize(_inside(picture, framing, kind), (size, size), interpolation=method)
    if cut.dtype == np.uint8:
        return cut.astype(np.float32) * np.float32(1 / 255)
    # Resampling leaves 0.9999999 inside a solid matte, through which a backdrop would shine.
    return np.where(cut > 0.999, 1, np.where(cut < 0.001, 0, cut)).astype(np.float32)


def _inside(picture: NDArray[Any], framing: Framing, kind: int) -> NDArray[Any]:
    height, width = picture.shape[:2]
    left, top, side = framing.left, framing.top, framing.side
    inside = picture[max(0, top) : top + side, max(0, left) : left + side]
    border = (max(0, -top), max(0, top + side - height), max(0, -left), max(0, left + side - width))
    if any(border):
        inside = cv2.copyMakeBorder(inside, *border, kind, value=0)
    return inside


def _cut_light(subject: Subject, framing: Framing) -> Image:
    """The part of the canvas' normals that lies under the framing, at their own scale."""
    normals = subject.light.normals
    scale = normals.shape[1] / subject.canvas.shape[1]
    small = Framing(
        round(framing.left * scale), round(framing.top * scale), round(framing.side * scale), 0, 0
    )
    return _inside(normals, small, cv2.BORDER_REPLICATE)
