"""What a renderer works from and what it returns: a prepared photo, a variant, a rejection."""

from dataclasses import dataclass, replace
from typing import Any

from headshots.engine import camera_distance
from headshots.engine.analysis import input_checks, likeness, subject
from headshots.engine.descriptions import OWN_BACKGROUND, OWN_CLOTHES
from headshots.engine.errors import EngineError
from headshots.engine.face_changes import FaceChange
from headshots.engine.io import encode, provenance
from headshots.engine.types import Box, EditReport, Face, Image, Pixels


@dataclass(frozen=True, eq=False)
class PreparedPhoto:
    """One photo of the person, analysed and cut out, from which any look can be rendered."""

    subject: subject.Subject
    checks: list[input_checks.Check]
    close_up: tuple[Image, Face]  # the face alone at a fixed scale, see quality.crop_to_face
    reference_face: likeness.ReferenceFace

    @property
    def is_black_and_white(self) -> bool:
        """Whether the photo has no colours, so that its headshots have none either."""
        return any(check.name == "colourful" and not check.ok for check in self.checks)

    def with_distance_check(self, focal_length: float) -> "PreparedPhoto":
        """Return the photo with one more check: how far the camera was.

        `focal_length` is in pixels of the photo.
        """
        check = camera_distance.check_distance(self.subject.photo_face, focal_length)
        return replace(self, checks=[*self.checks, check])


@dataclass(frozen=True, eq=False)
class RenderedVariant:
    """One finished headshot in memory, and what was measured of it.

    `likeness` is the distance of its face to the photographed one (0 is identical), `skin_delta_e`
    the change of skin tone in ΔE00, `head_fraction` the height of the head and `eye_line` the row
    of the eyes over the side of the frame.
    """

    look: str
    photo_index: int  # index of the photo it was made from
    pixels: Pixels
    likeness: float
    skin_delta_e: float
    head_fraction: float
    eye_line: float
    # The part of the photo that it shows, in photo pixels; may extend beyond the photo.
    crop_box: Box
    steps: list[dict[str, Any]]  # as Recipe.to_plain_data gives them
    notes: tuple[str, ...]
    source_type: str  # IPTC digital source type
    face_change: FaceChange  # what the pixels say about the face
    edits: tuple[EditReport, ...] = ()  # what diffusion steps measured
    variant_index: int = 0  # its number among several variants of one diffusion look

    @property
    def keeps_own_background(self) -> bool:
        """Whether the photo's own background stands in for that of the look."""
        return any(note.startswith(OWN_BACKGROUND) for note in self.notes)

    @property
    def clothes_refusal(self) -> str:
        """Why clothes were not put on, as a sentence; '' if they were or nobody asked."""
        return next((note for note in self.notes if note.startswith(OWN_CLOTHES)), "")

    def encode(self, *, file_format: str = "jpeg", max_bytes: int | None = None) -> bytes:
        """Encode as a file that holds the pixels, the IPTC source type and no other metadata."""
        xmp_packet = provenance.build_xmp_packet(self.source_type)
        return encode.encode(
            self.pixels, file_format=file_format, max_bytes=max_bytes, xmp_packet=xmp_packet
        )


@dataclass(frozen=True, eq=False)
class RejectedVariant:
    """A look that could not be rendered or failed its output checks, and why."""

    look: str
    error: EngineError
