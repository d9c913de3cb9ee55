"""Moods: what the sky, the sun and the lamps do in the morning, at golden hour, in the evening."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Mood:
    slug: str
    label: str
    horizon: Colour  # linear colours of the sky
    zenith: Colour
    sky: float  # radiance of the sky as seen and as it lights the outdoors
    daylight: Colour  # colour of the sky's light as it comes in through a window
    window: float  # its strength, relative
    sun: Colour
    sun_strength: float
    sun_elevation: float  # degrees
    lamps: float  # strength of practical lamps, 1 in the evening
    exposure: float  # stops


MORNING = Mood(
    slug="morning",
    label="Morning",
    horizon=(0.80, 0.90, 1.0),
    zenith=(0.24, 0.48, 0.92),
    sky=1.25,
    daylight=(0.84, 0.93, 1.0),
    window=1.25,
    sun=(1.0, 0.92, 0.80),
    sun_strength=4.5,
    sun_elevation=34,
    lamps=0.12,
    exposure=0.0,
)
GOLDEN = Mood(
    slug="golden",
    label="Golden hour",
    horizon=(1.0, 0.66, 0.36),
    zenith=(0.34, 0.46, 0.70),
    sky=0.85,
    daylight=(1.0, 0.80, 0.60),
    window=0.5,
    sun=(1.0, 0.58, 0.25),
    sun_strength=9.0,
    sun_elevation=12,
    lamps=0.4,
    exposure=0.25,
)
EVENING = Mood(
    slug="evening",
    label="Evening",
    horizon=(0.34, 0.33, 0.50),
    zenith=(0.04, 0.10, 0.32),
    sky=0.75,
    daylight=(0.36, 0.50, 1.0),
    window=0.08,
    sun=(0.4, 0.5, 1.0),
    sun_strength=0.0,
    sun_elevation=5,
    lamps=1.0,
    exposure=0.35,
)
MOODS = {mood.slug: mood for mood in (MORNING, GOLDEN, EVENING)}
