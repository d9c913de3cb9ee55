"""What a renderer works from and what it returns: a prepared photo, a variant, a rejection."""

from dataclasses import dataclass
from typing import Any

from headshots.engine.analysis import input_checks, likeness, subject
from headshots.engine.errors import EngineError
from headshots.engine.io import encode, provenance
from headshots.engine.types import Box, Edit, Face, Image, Pixels


@dataclass(frozen=True, eq=False)
class Source:
    """One photo of the person, analysed and cut out, from which any look can be rendered."""

    subject: subject.Subject
    checks: list[input_checks.Check]
    close: tuple[Image, Face]  # the face alone at a fixed scale, see quality.crop_to_face
    reference: likeness.Reference


@dataclass(frozen=True, eq=False)
class Variant:
    """One finished headshot in memory, and what was measured of it.

    `likeness` is the distance of its face to the photographed one (0 is identical), `skin_delta_e`
    the change of skin tone in ΔE00, `head_fraction` the height of the head and `eye_line` the row
    of the eyes over the side of the frame.
    """

    look: str
    source: int  # index of the photo it was made from
    pixels: Pixels
    likeness: float
    skin_delta_e: float
    head_fraction: float
    eye_line: float
    frame: Box  # the part of the photo that it shows, in photo pixels; may extend beyond the photo
    steps: list[dict[str, Any]]  # as Recipe.plain gives them
    notes: tuple[str, ...]
    source_type: str  # IPTC digital source type
    edits: tuple[Edit, ...] = ()  # what diffusion steps measured
    sibling: int = 0  # its number among several variants of one diffusion look

    def encode(self, *, form: str = "jpeg", max_bytes: int | None = None) -> bytes:
        """Encode as a file that holds the pixels, the IPTC source type and no other metadata."""
        xmp = provenance.xmp(self.source_type)
        return encode.encode(self.pixels, form=form, max_bytes=max_bytes, xmp=xmp)


@dataclass(frozen=True, eq=False)
class RejectedVariant:
    """A look that could not be rendered or failed its output checks, and why."""

    look: str
    error: EngineError
