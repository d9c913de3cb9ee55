"""The capability table: what can be done at each platform and place."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from integrations.places import Place, all_places
from integrations.platforms.base import Platform, PlatformKind
from integrations.platforms.registry import all_platforms


@dataclass(frozen=True)
class Capability:
    """One row: who sets the picture at a place, by which call, within which limits."""

    slug: str
    name: str
    kind: PlatformKind
    pixels: int
    max_bytes: int
    form: str
    endpoint: str = ""
    scopes: tuple[str, ...] = ()
    asks: str = ""  # the scopes in plain words
    alt_text: int = 0  # longest alt text in characters
    readback: str = ""
    warning: str = ""  # broad scopes or delays; for a hand-off: why there is no API
    confidence: str = ""
    read: date | None = None  # when the documentation was read
    docs: str = ""
    page: str = ""  # where a person changes the picture by hand
    needs: tuple[str, ...] = ()  # settings that the operator has to make
    experimental: bool = False

    @property
    def limits(self) -> str:
        """Return size and format of the file, as text."""
        return f"{self.pixels} px {self.form.upper()}, {self.max_bytes / 1e6:g} MB"

    @property
    def access(self) -> str:
        """Return the requested scopes, separated by spaces."""
        return " ".join(self.scopes)

    def to_dict(self) -> Mapping[str, Any]:
        """Return the row as data for JSON."""
        return {**asdict(self), "read": self.read.isoformat() if self.read else None}

    def matches_query(self, query: str) -> bool:
        """Return whether every word of a search query occurs in the row."""
        searched_text = f"{self.name} {self.slug} {self.kind} {self.warning}".casefold()
        return all(word in searched_text for word in query.casefold().split())


KIND_ORDER: Final = (
    PlatformKind.API,
    PlatformKind.ADMIN,
    PlatformKind.HANDOFF,
    PlatformKind.SERVED,
)


def list_capabilities() -> list[Capability]:
    """Return every row, ordered by kind: platforms with an adapter come first."""
    supported = all_platforms()
    slugs = {platform.slug for platform in supported}
    others = [place for slug, place in all_places().items() if slug not in slugs]
    rows = [*map(_from_platform, supported), *map(_from_place, others)]
    return sorted(rows, key=lambda row: KIND_ORDER.index(row.kind))


def _from_platform(platform: Platform) -> Capability:
    return Capability(
        platform.slug,
        platform.name,
        platform.kind,
        platform.slot.pixels,
        platform.slot.max_bytes,
        platform.slot.formats[0],
        endpoint=platform.endpoint,
        scopes=platform.scopes,
        asks=platform.asks,
        alt_text=platform.slot.max_alt_text,
        readback=platform.readback,
        warning=platform.warning,
        confidence=platform.confidence,
        read=platform.read,
        docs=platform.docs,
        page=platform.page,
        needs=platform.needs,
        experimental=platform.experimental,
    )


def _from_place(place: Place) -> Capability:
    kind = PlatformKind.SERVED if place.is_served else PlatformKind.HANDOFF
    return Capability(
        place.slug,
        place.name,
        kind,
        place.pixels,
        place.max_bytes,
        place.form,
        warning=place.why,
        page=place.page,
        endpoint="GET /avatar/…" if place.is_served else "",
    )
