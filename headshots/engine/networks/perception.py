"""The small networks that analyse a photo: face boxes, landmarks, person mask, face descriptor."""

import threading
from dataclasses import astuple
from functools import cache
from typing import Any, Final

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from headshots.engine.networks import face_mesh
from headshots.engine.networks.catalog import find_model
from headshots.engine.networks.face_detector import Detection, FaceDetector, Grid
from headshots.engine.networks.face_mesh import FaceMesh
from headshots.engine.networks.litert import Network, sample_square
from headshots.engine.types import Box, Mask, Pixels, Points

# The networks keep state, so only one thread may call them at a time.
_LOCK = threading.RLock()
DETECTION_SIDE: Final = 1024  # pixels of the longer side of what the face detector receives
LANDMARK_SIDE: Final = 512  # pixels of the longer side of what the landmark network receives
MID_GREY: Final = (128, 128, 128)

SEGMENTATION_SIDE: Final = 256  # pixels of the square that the segmentation network takes
MESH_REACH: Final = 1.5  # side of the square in which landmarks are found, over that of the box


def detect_faces(pixels: Pixels) -> list[tuple[Box, float]]:
    """Find the box (in photo pixels) and the score in [0, 1] of every face, best first."""
    small_pixels = _shrink_to(pixels, DETECTION_SIDE)
    scale = pixels.shape[0] / small_pixels.shape[0]
    # A face that fills the picture is only detected with a border around it.
    detections = _detect_in_border(small_pixels) or _detect_in_border(
        small_pixels, padding=max(small_pixels.shape[:2]) // 2
    )
    return [(Box(*(edge * scale for edge in edges)), score) for edges, score in detections]


def _detect_in_border(
    small_pixels: Pixels, *, padding: int = 0
) -> list[tuple[tuple[float, ...], float]]:
    """Return left, top, right, bottom (pixels of `small_pixels`) and score of each face.

    A grey border of `padding` pixels is added on all sides before the network runs.
    """
    border = (padding, padding, padding, padding)
    padded = cv2.copyMakeBorder(small_pixels, *border, cv2.BORDER_CONSTANT, value=MID_GREY)
    with _LOCK:
        detections = _load_detector().detect(padded)
    return [
        (tuple(edge - padding for edge in astuple(detection.box)), detection.score)
        for detection in detections
    ]


def find_landmarks(pixels: Pixels) -> Points | None:
    """Find 478×3 landmarks (pixels of the given crop, depth in the same unit), or None."""
    small_pixels = _shrink_to(pixels, LANDMARK_SIDE)
    with _LOCK:
        detections = _load_close_detector().detect(small_pixels)
        if not detections:
            return None
        to_picture = _square_around(detections[0])
        square = sample_square(
            small_pixels, to_picture, face_mesh.SIDE, border=cv2.BORDER_REPLICATE
        )
        landmarks, is_face = _load_mesh().find_landmarks(square)
    if not is_face:
        return None
    linear, shift = to_picture[:, :2], to_picture[:, 2]
    depth = landmarks[:, 2:] * np.hypot(*linear[:, 0])
    scale = pixels.shape[0] / small_pixels.shape[0]
    return np.hstack([landmarks[:, :2] @ linear.T + shift, depth]) * scale


def _square_around(detection: Detection) -> Points:
    """Return the 2×3 matrix from the landmark network's square, level with the eyes, to pixels."""
    first_eye, second_eye = detection.key_points[:2]
    level = (second_eye - first_eye) / np.linalg.norm(second_eye - first_eye)
    side = MESH_REACH * max(detection.box.width, detection.box.height)
    linear = np.array([[level[0], -level[1]], [level[1], level[0]]]) * side / face_mesh.SIDE
    shift = np.array(detection.box.center) - linear @ np.full(2, face_mesh.SIDE / 2)
    return np.column_stack([linear, shift])


def segment_person(pixels: Pixels) -> Mask:
    """Estimate the probability that each pixel shows a person; the network works at 256×256."""
    height, width = pixels.shape[:2]
    to_picture = np.array([[width, 0, 0], [0, height, 0]]) / SEGMENTATION_SIDE
    square = sample_square(pixels, to_picture, SEGMENTATION_SIDE, border=cv2.BORDER_CONSTANT)
    with _LOCK:
        (probability,) = _load_segmenter().run(square[None].astype(np.float32) / 255.0)
    mask = cv2.resize(probability[0, ..., 0], (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(mask, 0, 1).astype(np.float32)


def describe_chip(chip: Pixels) -> NDArray[np.float64]:
    """Compute the 128 numbers that describe an aligned 150×150 face.

    They serve one comparison and must never be stored (docs/privacy.md).
    """
    with _LOCK:
        return np.array(_load_recogniser().compute_face_descriptor(np.ascontiguousarray(chip)))


def load_networks() -> None:
    """Load every network now, so that the first photo does not have to wait for it."""
    for load_network in (
        _load_detector,
        _load_close_detector,
        _load_mesh,
        _load_segmenter,
        _load_recogniser,
    ):
        with _LOCK:
            load_network()


def _shrink_to(pixels: Pixels, longest_side: int) -> Pixels:
    scale = longest_side / max(pixels.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


@cache
def _load_detector() -> FaceDetector:
    model = find_model("face_detection_full_range").read()
    return FaceDetector(model, side=192, grids=(Grid(48, 1),), min_score=0.6)


@cache
def _load_close_detector() -> FaceDetector:
    model = find_model("face_detection_short_range").read()
    return FaceDetector(model, side=128, grids=(Grid(16, 2), Grid(8, 6)), min_score=0.5)


@cache
def _load_mesh() -> FaceMesh:
    return FaceMesh(find_model("face_landmark_with_attention").read())


@cache
def _load_segmenter() -> Network:
    return Network(find_model("selfie_segmentation").read())


@cache
def _load_recogniser() -> Any:
    return dlib.face_recognition_model_v1(str(find_model("face_recognition").find_path()))
