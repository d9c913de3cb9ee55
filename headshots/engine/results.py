"""What a studio works from and what it gives back: a photo made ready, a variant, a refusal."""

from dataclasses import dataclass
from typing import Any

from headshots.engine.analysis import input_checks, likeness, subject
from headshots.engine.errors import EngineError
from headshots.engine.io import encode, provenance
from headshots.engine.types import Box, Edit, Face, Image, Pixels


@dataclass(frozen=True, eq=False)
class Source:
    """One photo of the person, ready for any look."""

    subject: subject.Subject
    checks: list[input_checks.Check]
    close: tuple[Image, Face]  # the face alone, as photographed
    reference: likeness.Reference


@dataclass(frozen=True, eq=False)
class Variant:
    """One finished headshot and the truth about it."""

    look: str
    source: int  # index of the photo it was made from
    pixels: Pixels
    likeness: float
    skin_delta_e: float
    head_fraction: float
    eye_line: float
    frame: Box  # what it shows of the photo, in photo pixels; may reach beyond it
    steps: list[dict[str, Any]]
    notes: tuple[str, ...]
    source_type: str  # IPTC digital source type
    edits: tuple[Edit, ...] = ()  # what painted steps measured
    sibling: int = 0  # which of several painted alike

    def encode(self, *, form: str = "jpeg", max_bytes: int | None = None) -> bytes:
        """The file: pixels and what was done to them, nothing else."""
        xmp = provenance.xmp(self.source_type)
        return encode.encode(self.pixels, form=form, max_bytes=max_bytes, xmp=xmp)


@dataclass(frozen=True, eq=False)
class RejectedVariant:
    """A look that could not be made well enough to be shown, and why."""

    look: str
    error: EngineError
