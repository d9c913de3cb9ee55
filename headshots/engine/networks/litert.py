"""Run TensorFlow Lite networks on LiteRT (https://ai.google.dev/edge/litert)."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from headshots.engine.types import Pixels, Points

Tensor = NDArray[np.float32]
# One thread: the networks take milliseconds, and a worker renders several pictures at once.
THREADS = 1
STDERR = 2  # file descriptor


class Network:
    """One network, loaded from the bytes of its file. Not for several threads at once."""

    def __init__(self, model: bytes) -> None:
        """Load the network; what LiteRT's C++ code writes to stderr meanwhile is discarded."""
        with _silence_stderr():
            self._interpreter = Interpreter(model_content=model, num_threads=THREADS)
            self._interpreter.allocate_tensors()
        self._inputs = [row["index"] for row in self._interpreter.get_input_details()]
        self._outputs = [row["index"] for row in self._interpreter.get_output_details()]

    def run(self, *inputs: Tensor) -> list[Tensor]:
        """Compute every output from the inputs, both in the order of the file."""
        for index, tensor in zip(self._inputs, inputs, strict=True):
            self._interpreter.set_tensor(index, np.ascontiguousarray(tensor, np.float32))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]


def sample_square(pixels: Pixels, to_picture: Points, side: int, *, border: int) -> Pixels:
    """Sample side×side pixels; `to_picture` is the 2×3 matrix from them to the picture.

    Corner to corner and bilinear, as these networks were trained. `border` is an OpenCV border
    type, for what lies outside the picture.
    """
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(pixels, to_picture, (side, side), flags=flags, borderMode=border)


@contextmanager
def _silence_stderr() -> Iterator[None]:
    """Discard what is written to the file descriptor: LiteRT has no log level that does it."""
    sys.stderr.flush()
    saved_stderr, null_device = os.dup(STDERR), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, STDERR)
    try:
        yield
    finally:
        os.dup2(saved_stderr, STDERR)
        os.close(saved_stderr)
        os.close(null_device)
