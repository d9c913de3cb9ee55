"""The laws that the photos of `make bench-photos` are measured against, each as one row.

Speed and memory, which do not depend on the photo, have theirs in `make bench`; what the second
judge of likeness says is a test (tests/engine/test_laws.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.skin_tone import GROUPS, LIGHTENED, ToneChange

MAX_KIND_GAP: Final = 0.05  # by which a kind of photo may keep the law less often than another
MAX_LIGHTNESS_CHANGE: Final = 1.0  # L*, median
MAX_ANGLE_CHANGE: Final = 2.0  # degrees of ITA, median
MAX_GROUP_GAP: Final = 1.0  # L* between the medians of two groups of skin
MAX_LIGHTENED: Final = 0.5  # share of the headshots of a group


@dataclass(frozen=True)
class Law:
    """One law, what was measured, and whether it is kept."""

    title: str
    measured: str
    is_kept: bool

    def __str__(self) -> str:
        return f"{'kept' if self.is_kept else 'BROKEN':8}{self.title:58}{self.measured}"


def limit(title: str, value: float, largest: float, unit: str = "") -> Law:
    """Return the law that a value, of either sign, does not exceed a limit."""
    title = f"{title}, at most {largest:g}{unit}"
    return Law(title, f"{value:+.3g}{unit}", abs(value) <= largest)


def count(title: str, photos: Sequence[str]) -> Law:
    """Return the law that no photo is of this kind."""
    return Law(title, ", ".join(photos) or "none", not photos)


def list_kind_laws(shares: dict[str, float]) -> Iterator[Law]:
    """Yield the law that no kind of photo is worse off, from the share of each that is right."""
    if shares:
        worst = min(shares, key=lambda kind: shares[kind])
        gap = max(shares.values()) - shares[worst]
        title = f"no kind below another by more than {MAX_KIND_GAP:.0%}"
        yield Law(title, f"{gap:.0%} ({worst})" if gap else "0%", gap <= MAX_KIND_GAP)


def list_tone_laws(changes: Sequence[ToneChange]) -> Iterator[Law]:
    """Yield the laws of skin: by look, by group, and between groups."""
    for look in dict.fromkeys(change.look for change in changes):
        of_look = [change.lightness for change in changes if change.look == look]
        yield limit(f"L* of skin, {look}", median(of_look), MAX_LIGHTNESS_CHANGE)
    medians = []
    for group in GROUPS:
        of_group = [change for change in changes if change.group == group]
        if not of_group:
            continue
        medians.append(median(change.lightness for change in of_group))
        lightened = sum(change.lightness > LIGHTENED for change in of_group) / len(of_group)
        angle = median(change.angle for change in of_group)
        yield limit(f"L* of {group} skin", medians[-1], MAX_LIGHTNESS_CHANGE)
        yield limit(f"ITA of {group} skin", angle, MAX_ANGLE_CHANGE, "°")
        yield limit(f"share of {group} skin lightened", lightened, MAX_LIGHTENED)
    if medians:
        yield limit("L* between groups", max(medians) - min(medians), MAX_GROUP_GAP)
