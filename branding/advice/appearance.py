"""Which features a headshot shows, from what was measured of its photo and from its look."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from branding.advice.records import Feature
from headshots.engine.operations.expression import limit_added_smile

# Bounds of the features; chosen by eye on the development photos, see docs/advice.md.
CLOSED_SMILE: Final = 0.2  # smile from which a stranger calls it one
BROAD_SMILE: Final = 0.4
VISIBLE_TEETH: Final = 0.05  # inner mouth opening over eye distance
DIRECT_GAZE: Final = 0.15  # irises off the middle of the eyes, in eye widths; as the input check
FRONTAL_YAW: Final = 15.0  # degrees
LEVEL_PITCH: Final = 14.0  # degrees
DIRECTED_LIGHT: Final = 1.25  # key to fill, below which light has no direction
STRONG_CONTRAST: Final = 2.5  # key to fill
SOFT_CONTRAST: Final = 1.7  # key to fill
SIDE_LIGHT: Final = 30.0  # degrees of azimuth from which one side is in shade
OVERHEAD, ABOVE, BELOW = 70.0, 18.0, -10.0  # degrees of elevation
PLAIN_SPREAD: Final = 8.0  # L by which a plain background varies at most
# Crown to chin over the height of the picture.
FACE_ONLY, SHOULDERS, WAIST = 0.68, 0.34, 0.2
RECENT_DAYS: Final = 730
DRESSES: Final = ("suit", "smart", "casual", "uniform")  # what a person may say
TAKEN_BY: Final = ("selfie", "other")


@dataclass(frozen=True)
class Measured:
    """What is known of one headshot; None or "" where it is not known.

    The numbers are those of the engine's Appearance; `head_share` is crown to chin over the height
    of the picture, `place` the feature of the background without its group. `dress` and `taken`
    are what the person says.
    """

    smile: float | None = None
    teeth: float | None = None
    gaze: float | None = None
    yaw: float | None = None
    pitch: float | None = None
    light_azimuth: float | None = None
    light_elevation: float | None = None
    light_ratio: float | None = None
    head_share: float | None = None
    place: str = ""
    painted: bool | None = None
    age_days: int | None = None
    dress: str = ""
    taken: str = ""


def measured_of_photo(appearance: Mapping[str, Any] | None, **known: Any) -> Measured:
    """Return what the engine measured of a photo, as plain data, and what else is known of it."""
    appearance = appearance or {}
    names = {field.name for field in fields(Measured)}
    numbers = {name: value for name, value in appearance.items() if name in names}
    spread = appearance.get("background_spread")
    is_plain = spread is not None and spread <= PLAIN_SPREAD
    return Measured(**{**numbers, "place": "plain" if is_plain else "", "painted": False, **known})


def apply_look(
    photo: Measured, steps: Iterable[Mapping[str, Any]], places_by_scene: Mapping[str, str]
) -> Measured:
    """Return what a headshot shows that a look made of a photo.

    `steps` are those of the look as plain data (see Recipe.to_plain_data), `places_by_scene` the
    place that each background scene shows.
    """
    params = {step["name"]: step["params"] for step in steps}
    if "expression" not in params:  # an unretouched photo
        return photo
    return replace(
        _relit(photo, params.get("relight", {})),
        smile=_smile_after(photo, params["expression"].get("smile", 0.0)),
        head_share=params["frame"]["head"] if photo.head_share is None else photo.head_share,
        place=_place_after(photo, params, places_by_scene),
        painted=_is_painted(params),
    )


def _smile_after(photo: Measured, requested_smile: float) -> float | None:
    if photo.smile is None or photo.teeth is None:
        return None
    added = limit_added_smile(requested_smile, smile=photo.smile, teeth=photo.teeth)
    return min(max(photo.smile + added, -1.0), 1.0)


def _place_after(
    photo: Measured, params: Mapping[str, Any], places_by_scene: Mapping[str, str]
) -> str:
    if params.get("generate_backdrop", {}).get("place"):
        return ""  # in the person's own words
    backdrop = params.get("backdrop", {})
    kind = backdrop.get("kind", "own")
    if kind == "scene":
        return places_by_scene.get(backdrop["scene"].partition("/")[0], "")
    return {"plain": "plain", "paper": "paper", "gradient": "paper", "own": photo.place}.get(
        kind, ""
    )


def _is_painted(params: Mapping[str, Any]) -> bool:
    """Whether an image model painted a part of the headshot."""
    return any(
        params.get(step, {}).get(words)
        for step, words in (
            ("generate_backdrop", "place"),
            ("change_outfit", "outfit"),
            ("restyle", "change"),
        )
    )


def _relit(photo: Measured, relight: Mapping[str, Any]) -> Measured:
    """Return the photo with its own light and that of the look, mixed by the look's strength."""
    strength = relight.get("strength", 0.0)
    if not strength:
        return photo

    def mix(photographed: float | None, wished: float) -> float | None:
        if photographed is None:
            return None
        return (1 - strength) * photographed + strength * wished

    return replace(
        photo,
        light_azimuth=mix(photo.light_azimuth, relight["azimuth"]),
        light_elevation=mix(photo.light_elevation, relight["elevation"]),
        light_ratio=mix(photo.light_ratio, relight["ratio"]),
    )


def find_features(measured: Measured, known: Mapping[str, Feature]) -> frozenset[str]:
    """Return the names of the features that a headshot shows; what is not known is left out."""
    shown = {
        _smile_feature(measured),
        _band("gaze", measured.gaze, ((DIRECT_GAZE, "averted"),), "direct"),
        _band("turn", _absolute(measured.yaw), ((FRONTAL_YAW, "side"),), "frontal"),
        _pitch_feature(measured.pitch),
        _light_feature(measured),
        _contrast_feature(measured),
        _band(
            "crop",
            measured.head_share,
            ((FACE_ONLY, "face"), (SHOULDERS, "shoulders"), (WAIST, "waist")),
            "body",
        ),
        _band("date", measured.age_days, ((RECENT_DAYS, "old"),), "recent"),
        "" if measured.painted is None else f"made.{'painted' if measured.painted else 'photo'}",
        f"place.{measured.place}",
        f"dress.{measured.dress}",
        f"taken.{measured.taken}",
        {"selfie": "distance.close", "other": "distance.far"}.get(measured.taken, ""),
    }
    return frozenset(shown & known.keys())


def _absolute(value: float | None) -> float | None:
    return None if value is None else abs(value)


def _band(group: str, value: float | None, bounds: Iterable[tuple[float, str]], lowest: str) -> str:
    """Return the feature of the first bound that a value exceeds; bounds fall. "" for None."""
    if value is None:
        return ""
    return next((f"{group}.{name}" for bound, name in bounds if value > bound), f"{group}.{lowest}")


def _smile_feature(measured: Measured) -> str:
    if measured.smile is None or measured.teeth is None:
        return ""
    if measured.smile >= BROAD_SMILE and measured.teeth > VISIBLE_TEETH:
        return "smile.teeth"
    return "smile.closed" if measured.smile >= CLOSED_SMILE else "smile.none"


def _pitch_feature(pitch: float | None) -> str:
    if pitch is None:
        return ""
    if abs(pitch) <= LEVEL_PITCH:
        return "pitch.level"
    return "pitch.up" if pitch > 0 else "pitch.down"


def _light_feature(measured: Measured) -> str:
    if measured.light_ratio is None or measured.light_ratio < DIRECTED_LIGHT:
        return ""
    bounds = ((OVERHEAD, "overhead"), (ABOVE, "above"), (BELOW, "level"))
    return _band("light", measured.light_elevation, bounds, "below")


def _contrast_feature(measured: Measured) -> str:
    if measured.light_ratio is None or measured.light_azimuth is None:
        return ""
    if measured.light_ratio >= STRONG_CONTRAST and abs(measured.light_azimuth) >= SIDE_LIGHT:
        return "contrast.strong"
    return "contrast.soft" if measured.light_ratio <= SOFT_CONTRAST else ""
