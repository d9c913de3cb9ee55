"""What can be done where: every platform with an adapter, every place without one, in one table."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from integrations.places import Frame, frames
from integrations.platforms.base import Kind, Platform
from integrations.platforms.registry import platforms


@dataclass(frozen=True)
class Capability:
    """One row: who sets the picture there, by which call, within which limits, seen how."""

    slug: str
    name: str
    kind: Kind
    pixels: int
    max_bytes: int
    form: str
    endpoint: str = ""
    scopes: tuple[str, ...] = ()
    asks: str = ""  # the same in words
    alt_text: int = 0  # characters it takes
    readback: str = ""
    warning: str = ""  # a scope wider than needed, a delay; of a hand-off: why there is no API
    confidence: str = ""
    read: date | None = None  # when the documentation was read
    docs: str = ""
    page: str = ""  # where a person does it by hand
    needs: tuple[str, ...] = ()  # of the operator, for the best way to connect
    experimental: bool = False

    @property
    def limits(self) -> str:
        """What is sent, in words."""
        return f"{self.pixels} px {self.form.upper()}, {self.max_bytes / 1e6:g} MB"

    @property
    def access(self) -> str:
        """What is asked for, as the platform calls it."""
        return " ".join(self.scopes)

    def told(self) -> Mapping[str, Any]:
        """As plain data."""
        return {**asdict(self), "read": self.read.isoformat() if self.read else None}

    def fits(self, words: str) -> bool:
        """Whether a search for these words means it."""
        about = f"{self.name} {self.slug} {self.kind} {self.warning}".casefold()
        return all(word in about for word in words.casefold().split())


ORDER: Final = (Kind.API, Kind.ADMIN, Kind.HANDOFF, Kind.SERVED)


def matrix() -> list[Capability]:
    """Every row, those an app can set first."""
    adapters = platforms()
    known = {one.slug for one in adapters}
    without = [frame for slug, frame in frames().items() if slug not in known]
    rows = [*map(_of_platform, adapters), *map(_of_frame, without)]
    return sorted(rows, key=lambda row: ORDER.index(row.kind))


def _of_platform(one: Platform) -> Capability:
    return Capability(
        one.slug,
        one.name,
        one.kind,
        one.slot.pixels,
        one.slot.max_bytes,
        one.slot.formats[0],
        endpoint=one.endpoint,
        scopes=one.scopes,
        asks=one.asks,
        alt_text=one.slot.alt_text,
        readback=one.readback,
        warning=one.warning,
        confidence=one.confidence,
        read=one.read,
        docs=one.docs,
        page=one.page,
        needs=one.needs,
        experimental=one.experimental,
    )


def _of_frame(frame: Frame) -> Capability:
    kind = Kind.SERVED if frame.is_served else Kind.HANDOFF
    return Capability(
        frame.slug,
        frame.name,
        kind,
        frame.pixels,
        frame.max_bytes,
        frame.form,
        warning=frame.why,
        page=frame.page,
        endpoint="GET /avatar/…" if frame.is_served else "",
    )
