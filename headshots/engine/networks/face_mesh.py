"""Attention Mesh: 478 landmarks of one face, with lips, lids and irises refined.

I. Grishchenko et al., "Attention Mesh: High-fidelity Face Mesh Prediction in Real-time", 2020
(https://arxiv.org/abs/2006.10962). LiteRT lacks three operators of the network. They lie between
its backbone, which finds all landmarks, and its regions, which refine those of the lips and the
eyes: the file is cut into two networks there, and the operators are computed here.
"""

from dataclasses import dataclass
from typing import Any, Final

import cv2
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from headshots.engine.networks.litert import Network, Tensor
from headshots.engine.types import (
    FACE_POINTS,
    FIRST_IRIS_CENTER,
    SECOND_IRIS_CENTER,
    Pixels,
    Points,
)

SIDE: Final = 192  # pixels of the square that the network takes
LANDMARKS: Final = 478
IRIS_POINTS: Final = 5
LID_POINTS: Final = 16  # so many points of an eye's region are on its lids; they come first
FILE_IDENTIFIER: Final = b"TFL3"  # of TensorFlow Lite's flatbuffers
MAX_CHANNELS: Final = 4  # of a picture that OpenCV samples at once

ALIGN_REGION: Final = b"Landmarks2TransformMatrix"
SAMPLE_REGION: Final = b"TransformTensorBilinear"
PLACE_POINTS: Final = b"TransformLandmarks"


@dataclass(frozen=True, eq=False)
class Region:
    """Lips or an eye: the landmarks that it refines, and the square of features around them."""

    first_corner: int  # two landmarks whose connection is level in the square
    second_corner: int
    points: tuple[int, ...]
    side: int  # features of the square's side
    margin: float  # side of the square over the extent of the landmarks

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> "Region":
        """Read the options of the operator that aligns the region."""
        return cls(
            options["left_rotation_idx"],
            options["right_rotation_idx"],
            tuple(options["subset_idxs"]),
            options["output_width"],
            options["scale_x"],
        )


class FaceMesh:
    """The network, in the two parts that LiteRT can run. Not for several threads at once."""

    def __init__(self, model: bytes) -> None:
        """Cut the network at the operators that LiteRT lacks, and load both parts."""
        graph = _read_graph(model)
        aligning = _find_operators(graph, ALIGN_REGION)
        sampling = _find_operators(graph, SAMPLE_REGION)
        placing = _find_operators(graph, PLACE_POINTS)
        self._regions = [
            Region.from_options(flexbuffers.Loads(bytes(operator.customOptions)))
            for operator in aligning
        ]
        rough_points = [operator.inputs[0] for operator in aligning]
        features = sampling[0].inputs[0]
        outputs = list(graph.subgraphs[0].outputs)
        mesh, presence = outputs[0], outputs[-1]
        matrices = [operator.outputs[0] for operator in aligning]
        squares = [operator.outputs[0] for operator in sampling]
        refined = [tensor for operator in placing for tensor in operator.inputs]
        self._backbone = Network(_cut(model, [0], [*rough_points, features, mesh, presence]))
        self._refiner = Network(_cut(model, [*squares, *matrices], refined))

    def find_landmarks(self, square: Pixels) -> tuple[Points, bool]:
        """Find 478×3 landmarks in pixels of a 192×192 picture, and whether it shows a face."""
        *rough_points, features, mesh, presence = self._backbone.run(
            square[None].astype(np.float32) / 255.0
        )
        matrices = [
            _align_region(points[0, :, :2], region)
            for points, region in zip(rough_points, self._regions, strict=True)
        ]
        squares = [
            _sample_features(features[0], matrix, region.side)
            for matrix, region in zip(matrices, self._regions, strict=True)
        ]
        refined = self._refiner.run(*squares, *(_as_4x4(matrix) for matrix in matrices))
        landmarks = np.zeros((LANDMARKS, 3))
        landmarks[:FACE_POINTS] = mesh.reshape(FACE_POINTS, 3)
        self._insert_refined(landmarks, refined)
        return landmarks, bool(presence.item() > 0)

    def _insert_refined(self, landmarks: Points, refined: list[Tensor]) -> None:
        """Replace x and y of lips and eyes, and set the irises, which are as deep as their lids."""
        lips, first_eye, first_iris, second_eye, second_iris = (
            points[0] @ matrix[0, :2, :2].T + matrix[0, :2, 3]
            for points, matrix in zip(refined[::2], refined[1::2], strict=True)
        )
        for region, points in zip(self._regions, (lips, first_eye, second_eye), strict=True):
            landmarks[list(region.points), :2] = points
        irises = ((FIRST_IRIS_CENTER, first_iris), (SECOND_IRIS_CENTER, second_iris))
        for region, (first_point, iris) in zip(self._regions[1:], irises, strict=True):
            rows = slice(first_point, first_point + IRIS_POINTS)
            landmarks[rows, :2] = iris
            landmarks[rows, 2] = landmarks[list(region.points[:LID_POINTS]), 2].mean()


def _align_region(points: Tensor, region: Region) -> Points:
    """Return the 2×3 matrix from the region's square to the features: rotated, and tight.

    `points` are N×2 landmarks in the pixels of the features.
    """
    level = points[region.second_corner] - points[region.first_corner]
    level = level / np.linalg.norm(level)
    axes = np.stack([level, [-level[1], level[0]]])  # of the square, as rows
    turned = points[list(region.points)] @ axes.T
    lowest, highest = turned.min(axis=0), turned.max(axis=0)
    center = (lowest + highest) / 2 @ axes
    linear = axes.T * (highest - lowest) * region.margin / region.side
    shift = center - linear @ np.full(2, region.side / 2)
    return np.column_stack([linear, shift])


def _sample_features(features: Tensor, matrix: Points, side: int) -> Tensor:
    """Sample side×side features bilinearly, by their centres; 0 lies outside."""
    steps = np.arange(side) + 0.5
    places = np.stack(np.meshgrid(steps, steps), axis=-1) @ matrix[:, :2].T + matrix[:, 2] - 0.5
    columns, rows = places[..., 0].astype(np.float32), places[..., 1].astype(np.float32)
    parts = [
        cv2.remap(part, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        for part in np.split(features, features.shape[-1] // MAX_CHANNELS, axis=-1)
    ]
    last_column, last_row = features.shape[1] - 1, features.shape[0] - 1
    is_inside = (columns >= 0) & (columns <= last_column) & (rows >= 0) & (rows <= last_row)
    return (np.concatenate(parts, axis=-1) * is_inside[..., None])[None]


def _as_4x4(matrix: Points) -> Tensor:
    """Return a 2×3 matrix as the network takes it, 1×4×4."""
    extended = np.eye(4, dtype=np.float32)[None]
    extended[0, :2, :2], extended[0, :2, 3] = matrix[:, :2], matrix[:, 2]
    return extended


def _read_graph(model: bytes) -> Any:
    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0))


def _find_operators(graph: Any, name: bytes) -> list[Any]:
    """Return the operators of that name, in the order of the file."""
    return [
        operator
        for operator in graph.subgraphs[0].operators
        if graph.operatorCodes[operator.opcodeIndex].customCode == name
    ]


def _cut(model: bytes, inputs: list[int], outputs: list[int]) -> bytes:
    """Return the part of a network that computes some tensors from others, as one of its own."""
    graph = _read_graph(model)
    part = graph.subgraphs[0]
    makers = {tensor: operator for operator in part.operators for tensor in operator.outputs}
    needed, pending = set(), list(outputs)
    while pending:
        tensor = pending.pop()
        maker = None if tensor in inputs else makers.get(tensor)
        if maker is not None and id(maker) not in needed:
            needed.add(id(maker))
            pending.extend(maker.inputs)
    part.operators = [operator for operator in part.operators if id(operator) in needed]
    part.inputs, part.outputs = list(inputs), list(outputs)
    graph.signatureDefs = graph.metadata = graph.metadataBuffer = None
    builder = flatbuffers.Builder(len(model))
    builder.Finish(graph.Pack(builder), FILE_IDENTIFIER)
    return bytes(builder.Output())
