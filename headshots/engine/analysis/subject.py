"""Prepare a photo once for all looks: choose the face, scale a canvas, cut the person out."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from headshots.engine.analysis import color_cast, faces, lighting, matting, noise, orientation
from headshots.engine.geometry import Transform, clip_box, crop_to_box, move_face
from headshots.engine.types import (
    FACE_POINTS,
    Box,
    Face,
    FaceChoice,
    Facts,
    Framing,
    Head,
    Image,
    Light,
    Mask,
    Pixels,
)

# Head height over the frame's side in the closest look: the canvas needs no more pixels than that.
MAX_HEAD_FRACTION = 0.74

# The canvas beside the axis, above the hairline and below the chin, in head heights: as much as the
# widest look shows.
CANVAS_REACH = (1.55, 0.75, 1.75)

# Head height with hair over the height of the face from hairline to chin; an average of the
# development photos, used only until the matte is known.
HEAD_PER_FACE = 1.35

# Alpha outside these values is rounded to 0 or 1. Resampling leaves 0.9999999 inside a solid matte,
# through which a backdrop would shine.
OPAQUE = 0.999
TRANSPARENT = 0.001

# Widths over that of the canvas at an edge that lies inside the frame: framing allows that where
# the person hardly touches the edge. What is faint there would end in a straight line.
CLEARED_WIDTH = 0.006  # transparent; more than the strip in which framing looks for the person
FADED_WIDTH = 0.025  # beside it, rising to the alpha that was solved


@dataclass(frozen=True, eq=False)
class Subject:
    """The canvas: the part of a photo that any look may show, and what is known about it.

    All lengths are canvas pixels.
    """

    canvas: Pixels
    face: Face
    head: Head
    matte: matting.Matte
    light: Light
    faces_found: int  # in the whole photo
    to_canvas: Transform  # from photo pixels to canvas pixels

    @property
    def framing_inputs(self) -> tuple[Face, Head, Mask]:
        """Face, head and alpha, as framing.solve takes them."""
        return self.face, self.head, self.matte.alpha

    @property
    def photo_face(self) -> Face:
        """The face in photo pixels."""
        to_canvas = self.to_canvas
        to_photo = Transform(
            -to_canvas.left * to_canvas.scale, -to_canvas.top * to_canvas.scale, 1 / to_canvas.scale
        )
        return move_face(self.face, to_photo)

    def to_photo_box(self, framing: Framing) -> Box:
        """Convert a framing of the canvas to photo pixels."""
        corner = np.array([[framing.left, framing.top]], np.float64)
        left, top, right, bottom = self.to_canvas.apply_inverse(
            np.vstack([corner, corner + framing.side])
        ).ravel()
        return Box(float(left), float(top), float(right), float(bottom))


def prepare_subject(pixels: Pixels, *, size: int, face: FaceChoice = None) -> Subject:
    """Find the faces, choose one, and cut its person out for frames of `size` × `size` pixels.

    `face` says which one; without it one face must dominate. Raises TurnedPhoto, NoFace,
    SeveralFaces, UnknownFace, TooSmall or UnusableFace.
    """
    found_faces = faces.find_faces(pixels)
    orientation.require_upright(pixels, found_faces)
    height, width = pixels.shape[:2]
    chosen_face = faces.choose_face(found_faces, choice=face, width=width, height=height)
    faces.require_usable(chosen_face, width=width, height=height)
    canvas, to_canvas = _crop_canvas(pixels, chosen_face, size=size)
    canvas_face = move_face(chosen_face, to_canvas)
    others = tuple(
        move_face(other_face, to_canvas)
        for other_face in found_faces
        if other_face is not chosen_face
    )
    matte = matting.cut_out(canvas, canvas_face, others=others)
    head = matting.find_head(canvas_face, matte.alpha)
    light = lighting.measure_light(canvas, canvas_face, head, matte.alpha)
    return Subject(canvas, canvas_face, head, matte, light, len(found_faces), to_canvas)


def restore_pixels(subject: Subject, *, has_cast: bool) -> Subject:
    """Reduce noise that can be seen, and take back a part of a cast; the same where neither is."""
    noise_level = noise.measure_canvas_noise(subject.canvas, subject.face)
    if noise_level < noise.VISIBLE_NOISE and not has_cast:
        return subject
    correction = _plan_cast_correction(subject) if has_cast else None

    def restore(pixels: Pixels) -> Pixels:
        clean_pixels = noise.reduce_noise(pixels, noise_level)
        return correction.apply(clean_pixels) if correction else clean_pixels

    foreground = restore(subject.matte.foreground)
    return replace(
        subject, canvas=restore(subject.canvas), matte=replace(subject.matte, foreground=foreground)
    )


def _plan_cast_correction(subject: Subject) -> color_cast.CastCorrection:
    image = subject.canvas.astype(np.float32) / 255.0
    cast = color_cast.measure_cast(image, subject.face)
    return color_cast.plan_correction(image, subject.face, cast)


def frame_subject(
    subject: Subject, framing: Framing, *, size: int, seed: int
) -> tuple[Image, Facts]:
    """Crop the foreground to a framing, and collect what the steps may read about it.

    The image is `size` × `size` pixels; `seed` is passed on to the steps.
    """
    to_frame = Transform(framing.left, framing.top, size / framing.side)
    head = subject.head
    axis, crown, eyes, chin = (
        (head.axis - to_frame.left) * to_frame.scale,
        *((row - to_frame.top) * to_frame.scale for row in (head.crown, head.eyes, head.chin)),
    )
    facts = Facts(
        crop_photo=partial(_crop_and_scale, subject.canvas, framing, size),
        alpha=_crop_and_scale(_fade_at_edges(subject.matte.alpha, framing), framing, size),
        face=move_face(subject.face, to_frame),
        head=Head(crown=crown, eyes=eyes, chin=chin, axis=axis),
        light=replace(subject.light, normals=_crop_normals(subject, framing)),
        seed=seed,
    )
    return _crop_and_scale(subject.matte.foreground, framing, size), facts


def _fade_at_edges(alpha: Mask, framing: Framing) -> Mask:
    """Fade alpha, H×W, out at those edges of the canvas beyond which the frame reaches."""
    height, width = alpha.shape
    distance = np.arange(max(height, width), dtype=np.float32) / width
    rise = np.clip((distance - CLEARED_WIDTH) / FADED_WIDTH, 0, 1)
    columns, rows = np.ones(width, np.float32), np.ones(height, np.float32)
    if framing.left < 0:
        columns *= rise[:width]
    if framing.left + framing.side > width:
        columns *= rise[:width][::-1]
    if framing.top < 0:
        rows *= rise[:height]
    return alpha * columns * rows[:, None]


def _crop_canvas(pixels: Pixels, face: Face, *, size: int) -> tuple[Pixels, Transform]:
    """Crop to the region any look may show, and shrink it to the scale of the closest look."""
    head_height = HEAD_PER_FACE * face.height
    beside, above, below = (head_height * reach for reach in CANVAS_REACH)
    axis = float(face.landmarks[:FACE_POINTS, 0].mean())
    canvas_box = Box(
        axis - beside,
        float(face.forehead[1]) - above,
        axis + beside,
        float(face.chin[1]) + below,
    )
    region = clip_box(canvas_box, width=pixels.shape[1], height=pixels.shape[0])
    scale = min(1.0, MAX_HEAD_FRACTION * size / head_height)
    canvas = cv2.resize(
        crop_to_box(pixels, region), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
    )
    return canvas, Transform(region.left, region.top, scale)


def _crop_and_scale(picture: Pixels | Mask, framing: Framing, size: int) -> Image:
    """Crop to the framing and scale to `size` × `size`, as floats in [0, 1].

    Beyond the canvas the colours of its edge are repeated, where alpha is 0.
    """
    border_type = cv2.BORDER_REPLICATE if picture.ndim == 3 else cv2.BORDER_CONSTANT
    method = cv2.INTER_AREA if framing.side >= size else cv2.INTER_CUBIC
    scaled = cv2.resize(
        _crop_with_border(picture, framing, border_type), (size, size), interpolation=method
    )
    if scaled.dtype == np.uint8:
        return scaled.astype(np.float32) * np.float32(1 / 255)
    scaled[scaled > OPAQUE], scaled[scaled < TRANSPARENT] = 1, 0
    return scaled


def _crop_with_border(picture: NDArray[Any], framing: Framing, border_type: int) -> NDArray[Any]:
    """Crop to the framing; what lies beyond the picture is filled by an OpenCV border type."""
    height, width = picture.shape[:2]
    left, top, side = framing.left, framing.top, framing.side
    cropped = picture[max(0, top) : top + side, max(0, left) : left + side]
    border = (max(0, -top), max(0, top + side - height), max(0, -left), max(0, left + side - width))
    if any(border):
        cropped = cv2.copyMakeBorder(cropped, *border, border_type, value=0)
    return cropped


def _crop_normals(subject: Subject, framing: Framing) -> Image:
    """Crop the normals to the framing, at their own coarser scale."""
    normals = subject.light.normals
    scale = normals.shape[1] / subject.canvas.shape[1]
    grid_framing = Framing(
        round(framing.left * scale), round(framing.top * scale), round(framing.side * scale), 0, 0
    )
    return _crop_with_border(normals, grid_framing, cv2.BORDER_REPLICATE)
