"""Every file of network weights that the engine uses: purpose, package, licence, checksum."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from headshots.engine.errors import ModelMissing


@dataclass(frozen=True)
class ModelFile:
    """One file of weights inside an installed package."""

    name: str
    purpose: str
    package: str  # import name
    path: str  # inside the package
    licence: str
    source: str
    sha256: str

    def find_path(self) -> Path:
        """Return the path of the file; ModelMissing if its package is not installed."""
        # find_spec, not import: face_recognition_models needs pkg_resources when imported.
        spec = find_spec(self.package)
        locations = spec.submodule_search_locations if spec else None
        path = Path(next(iter(locations))) / self.path if locations else None
        if path is None or not path.is_file():
            raise ModelMissing(f"The model '{self.name}' is missing ({self.package}/{self.path}).")
        return path

    def is_intact(self) -> bool:
        """Whether the file on disk has the checksum of this catalog."""
        return hashlib.sha256(self.find_path().read_bytes()).hexdigest() == self.sha256


MEDIAPIPE_URL = "https://github.com/google-ai-edge/mediapipe/blob/master/docs/solutions/models.md"
DLIB_URL = "https://github.com/davisking/dlib-models"

CATALOG = (
    ModelFile(
        name="face_detection_full_range",
        purpose="face boxes up to about five metres",
        package="mediapipe",
        path="modules/face_detection/face_detection_full_range_sparse.tflite",
        licence="Apache-2.0",
        source=MEDIAPIPE_URL,
        sha256="2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
    ),
    ModelFile(
        name="face_detection_short_range",
        purpose="face boxes within about two metres, for the landmark crop",
        package="mediapipe",
        path="modules/face_detection/face_detection_short_range.tflite",
        licence="Apache-2.0",
        source=MEDIAPIPE_URL,
        sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    ModelFile(
        name="face_landmark_with_attention",
        purpose="478 face landmarks with depth, irises included",
        package="mediapipe",
        path="modules/face_landmark/face_landmark_with_attention.tflite",
        licence="Apache-2.0",
        source=MEDIAPIPE_URL,
        sha256="e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4",
    ),
    ModelFile(
        name="selfie_segmentation",
        purpose="person or not, 256 by 256: the source of the trimap",
        package="mediapipe",
        path="modules/selfie_segmentation/selfie_segmentation.tflite",
        licence="Apache-2.0",
        source=MEDIAPIPE_URL,
        sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    ),
    ModelFile(
        name="face_recognition",
        purpose="128 numbers of a face, compared and dropped: the likeness gate",
        package="face_recognition_models",
        path="models/dlib_face_recognition_resnet_model_v1.dat",
        licence="CC0-1.0",
        source=DLIB_URL,
        sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    ),
)


def find_model(name: str) -> ModelFile:
    """Return the catalog entry of that name; KeyError for a name that is not in it."""
    return {row.name: row for row in CATALOG}[name]
