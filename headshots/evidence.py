"""What is known of how a headshot was made, so that its files can state it later."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headshots.version import program_version

if TYPE_CHECKING:
    from headshots.engine.results import RenderedVariant


@dataclass(frozen=True)
class Evidence:
    """What was measured while a headshot was made, and of which files.

    `face` is one of face_changes.FaceClaim, `structure` and `worst_structure` are the numbers it
    follows from, `likeness` is the face distance. The files are known by their SHA-256 in
    hexadecimal digits: the photo as Facet keeps it, and the finished picture.
    """

    engine_version: str
    face: str
    structure: float
    worst_structure: float
    likeness: float
    photo_sha256: str
    picture_sha256: str

    @classmethod
    def from_plain_data(cls, values: dict[str, Any]) -> Evidence:
        """Return the evidence that `dataclasses.asdict` turned into plain data."""
        return cls(**values)


def collect_evidence(rendered: RenderedVariant, *, photo_sha256: str, picture: bytes) -> Evidence:
    """Return what was measured of a headshot, whose finished file is `picture`."""
    change = rendered.face_change
    return Evidence(
        engine_version=program_version(),
        face=change.claim,
        structure=round(change.structure, 4),
        worst_structure=round(change.worst_structure, 4),
        likeness=round(rendered.likeness, 4),
        photo_sha256=photo_sha256,
        picture_sha256=hash_file(picture),
    )


def hash_file(data: bytes) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
