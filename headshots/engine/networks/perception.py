"""The small networks that analyse a photo: face boxes, landmarks, person mask, face descriptor."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from headshots.engine.networks.catalog import find_model
from headshots.engine.types import Box, Mask, Pixels, Points

# Importing MediaPipe imports matplotlib, which is not used here and takes half a second to load.
_DRAWING_MODULES = [name for name in ("matplotlib", "matplotlib.pyplot") if name not in sys.modules]
sys.modules.update({name: ModuleType(name) for name in _DRAWING_MODULES})
from mediapipe.python.solutions.face_detection import FaceDetection  # noqa: E402
from mediapipe.python.solutions.face_mesh import FaceMesh  # noqa: E402
from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation  # noqa: E402

for _name in _DRAWING_MODULES:
    del sys.modules[_name]

# MediaPipe graphs and dlib networks keep state, so only one thread may call them at a time.
_LOCK = threading.RLock()
Solution = TypeVar("Solution", bound=Any)
DETECTION_SIDE = 1024  # pixels of the longer side of what the face detector receives
LANDMARK_SIDE = 512  # pixels of the longer side of what the landmark network receives
MIN_DETECTION_CONFIDENCE = 0.5  # MediaPipe's default
FULL_RANGE_MODEL = 1  # MediaPipe's number for the face detector that reaches about five metres
GENERAL_MODEL = 0  # MediaPipe's number for the person segmentation of 256×256 pixels
MID_GREY = (128, 128, 128)
STDERR = 2  # file descriptor


def detect_faces(pixels: Pixels) -> list[tuple[Box, float]]:
    """Find the box (in photo pixels) and the score in [0, 1] of every face, best first."""
    small_pixels = _shrink_to(pixels, DETECTION_SIDE)
    scale = pixels.shape[0] / small_pixels.shape[0]
    # A face that fills the picture is only detected with a border around it.
    detections = _detect_in_border(small_pixels) or _detect_in_border(
        small_pixels, padding=max(small_pixels.shape[:2]) // 2
    )
    boxes = [(Box(*(edge * scale for edge in edges)), score) for edges, score in detections]
    return sorted(boxes, key=lambda pair: -pair[1])


def _detect_in_border(
    small_pixels: Pixels, *, padding: int = 0
) -> list[tuple[tuple[float, ...], float]]:
    """Return left, top, right, bottom (pixels of `small_pixels`) and score of each face.

    A grey border of `padding` pixels is added on all sides before the network runs.
    """
    border = (padding, padding, padding, padding)
    padded = cv2.copyMakeBorder(small_pixels, *border, cv2.BORDER_CONSTANT, value=MID_GREY)
    with _LOCK:
        detections = _load_detector().process(padded).detections or []
    height, width = padded.shape[:2]
    boxes = [
        (_absolute_edges(detection.location_data.relative_bounding_box, width, height))
        for detection in detections
    ]
    unpadded_boxes = [tuple(edge - padding for edge in box) for box in boxes]
    return [
        (box, float(detection.score[0]))
        for box, detection in zip(unpadded_boxes, detections, strict=True)
    ]


def find_landmarks(pixels: Pixels) -> Points | None:
    """Find 478×3 landmarks (pixels of the given crop, depth in the same unit), or None."""
    small_pixels = _shrink_to(pixels, LANDMARK_SIDE)
    with _LOCK:
        detected_meshes = _load_mesh().process(small_pixels)
    if not detected_meshes:
        return None
    height, width = pixels.shape[:2]
    scale = np.array([width, height, width], np.float64)
    return (
        np.array([[point.x, point.y, point.z] for point in detected_meshes[0].landmark], np.float64)
        * scale
    )


def segment_person(pixels: Pixels) -> Mask:
    """Estimate the probability that each pixel shows a person; the network works at 256×256."""
    with _LOCK:
        mask: Mask = _load_segmenter().process(np.ascontiguousarray(pixels)).segmentation_mask
    return np.clip(mask, 0, 1).astype(np.float32)


def describe_chip(chip: Pixels) -> NDArray[np.float64]:
    """Compute the 128 numbers that describe an aligned 150×150 face.

    They serve one comparison and must never be stored (docs/privacy.md).
    """
    with _LOCK:
        return np.array(_load_recogniser().compute_face_descriptor(np.ascontiguousarray(chip)))


def load_networks() -> None:
    """Load every network now, so that the first photo does not have to wait for it."""
    for load_network in (_load_detector, _load_mesh, _load_segmenter, _load_recogniser):
        with _LOCK:
            load_network()


def _shrink_to(pixels: Pixels, longest_side: int) -> Pixels:
    scale = longest_side / max(pixels.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(pixels)
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _absolute_edges(relative_box: Any, width: int, height: int) -> tuple[float, ...]:
    left, top = relative_box.xmin * width, relative_box.ymin * height
    return left, top, left + relative_box.width * width, top + relative_box.height * height


@contextmanager
def _silence_stderr() -> Iterator[None]:
    """Discard what MediaPipe's C++ code writes to stderr; no log level turns it off."""
    sys.stderr.flush()
    saved_stderr, null_device = os.dup(STDERR), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, STDERR)
    try:
        yield
    finally:
        os.dup2(saved_stderr, STDERR)
        os.close(saved_stderr)
        os.close(null_device)


def _run_once(solution: Solution) -> Solution:
    """Run a graph once: it only starts, and writes to stderr, at its first picture."""
    solution.process(np.zeros((64, 64, 3), np.uint8))
    return solution


@cache
def _load_detector() -> Any:
    find_model("face_detection_full_range").find_path()
    with _silence_stderr():
        return _run_once(
            FaceDetection(
                model_selection=FULL_RANGE_MODEL, min_detection_confidence=MIN_DETECTION_CONFIDENCE
            )
        )


class _Mesh:
    """Face Mesh, with stderr discarded until its first face: later it writes nothing any more."""

    def __init__(self) -> None:
        self.solution = FaceMesh(static_image_mode=True, refine_landmarks=True)
        self.silent = True

    def process(self, pixels: Pixels) -> Any:
        """Return the landmarks of the first face, or None."""
        with _silence_stderr() if self.silent else nullcontext():
            landmarks = self.solution.process(pixels).multi_face_landmarks
        self.silent = self.silent and not landmarks
        return landmarks


@cache
def _load_mesh() -> _Mesh:
    find_model("face_landmark_with_attention").find_path()
    with _silence_stderr():
        return _run_once(_Mesh())


@cache
def _load_segmenter() -> Any:
    find_model("selfie_segmentation").find_path()
    with _silence_stderr():
        return _run_once(SelfieSegmentation(model_selection=GENERAL_MODEL))


@cache
def _load_recogniser() -> Any:
    return dlib.face_recognition_model_v1(str(find_model("face_recognition").find_path()))
